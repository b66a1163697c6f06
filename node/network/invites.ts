import { equalBytes, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { hex, members, whole } from './check.ts';

/** An invite as its owner keeps it. The token's seed is not kept. */
export interface Invite {
  /** Public key of the token's seed: also the invite's id. */
  key: Uint8Array;
  /** Milliseconds since 1970. */
  createdAt: number;
  expiresAt: number;
  /** Who entered with it, and when. */
  used: { by: Uint8Array; at: number } | null;
  revokedAt: number | null;
}

/** Where an invite is in its life. */
export type InviteState = 'open' | 'used' | 'expired' | 'revoked';

/** Tells where an invite is in its life. */
export function inviteState(invite: Invite, now: number): InviteState {
  if (invite.used !== null) return 'used';
  if (invite.revokedAt !== null) return 'revoked';
  return now >= invite.expiresAt ? 'expired' : 'open';
}

const REFUSALS: Record<Exclude<InviteState, 'open'>, [code: string, message: string]> = {
  used: ['INVITE_USED', 'this invite has been used by another machine'],
  expired: ['INVITE_EXPIRED', 'this invite has expired'],
  revoked: ['INVITE_REVOKED', 'this invite was revoked by the owner of the network'],
};

/**
 * Lets a machine in with an invite. A machine that comes again, because the answer to its first
 * request was lost, is let in again: an invite is for one machine, not for one packet.
 * @returns the invite as it is to be kept
 * @throws {NexusError} `INVITE_UNKNOWN`, `INVITE_USED`, `INVITE_EXPIRED`, `INVITE_REVOKED`
 */
export function redeem(invite: Invite | null, joiner: Uint8Array, now: number): Invite {
  const hint = 'ask the owner of the network for a new one (nexus invite)';
  if (invite === null) {
    throw new NexusError('INVITE_UNKNOWN', 'the owner does not know this invite', { hint });
  }
  if (invite.used !== null && equalBytes(invite.used.by, joiner)) return invite;
  const state = inviteState(invite, now);
  if (state === 'open') return { ...invite, used: { by: joiner, at: now } };
  const [code, message] = REFUSALS[state];
  throw new NexusError(code, message, { hint });
}

/** An invite that can no longer be redeemed; one that was used stays as it is. */
export function revoke(invite: Invite, now: number): Invite {
  return invite.used === null && invite.revokedAt === null ? { ...invite, revokedAt: now } : invite;
}

/** An invite as plain JSON. */
export function inviteToJson(invite: Invite): Record<string, unknown> {
  const { used } = invite;
  return {
    ...invite,
    key: toHex(invite.key),
    used: used === null ? null : { by: toHex(used.by), at: used.at },
  };
}

/** @throws {NexusError} `INVITE_FILE_INVALID` */
export function parseInvite(json: unknown): Invite {
  const fail = (what: string): never => {
    throw new NexusError('INVITE_FILE_INVALID', `not a stored invite: ${what}`, {
      hint: 'remove the file; the invite in it is lost',
    });
  };
  const time = (value: unknown, name: string) =>
    whole(value, 0, Number.MAX_SAFE_INTEGER, name, fail);
  const from = members(json, ['key', 'createdAt', 'expiresAt', 'used', 'revokedAt'], fail);
  const used = from.used === null ? null : members(from.used, ['by', 'at'], fail);
  return {
    key: fromHex(hex(from.key, 32, 'key', fail)),
    createdAt: time(from.createdAt, 'createdAt'),
    expiresAt: time(from.expiresAt, 'expiresAt'),
    used: used && { by: fromHex(hex(used.by, 32, 'by', fail)), at: time(used.at, 'at') },
    revokedAt: from.revokedAt === null ? null : time(from.revokedAt, 'revokedAt'),
  };
}
