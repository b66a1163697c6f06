import { join } from 'node:path';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  createFileAtomic,
  listFolder,
  randomBytes,
  readJson,
  remove,
  writeJson,
} from '../home/mod.ts';
import { type Invite, inviteState, inviteToJson, parseInvite, revoke } from './invites.ts';
import type { Network } from './store.ts';
import { encodeToken, inviteKey } from './token.ts';

/** Invites that are open at once. */
const MAX_OPEN = 64;
/** A closed invite is forgotten after this. */
const KEEP_MS = 30 * 24 * 3600 * 1000;

/**
 * Makes an invite and stores what its owner has to remember of it.
 * @param lifeMs how long it can be redeemed
 * @returns the token: whoever has it can enter, once
 * @throws {NexusError} `NETWORK_NOT_OWNED`, `INVITE_TOO_MANY`
 */
export async function createInvite(
  network: Network,
  self: Uint8Array,
  options: { now: number; lifeMs: number; bootstrap: string[] | null },
): Promise<{ token: string; invite: Invite }> {
  const folder = ownedFolder(network, self);
  const { now, lifeMs, bootstrap } = options;
  const open = (await listInvites(folder)).filter((one) => inviteState(one, now) === 'open');
  if (open.length >= MAX_OPEN) {
    throw new NexusError('INVITE_TOO_MANY', `${MAX_OPEN} invites are open already`, {
      hint: 'revoke some: nexus invite revoke <id>',
    });
  }
  const seed = randomBytes(32);
  const key = await inviteKey(seed);
  const expiresAt = 1000 * Math.floor((now + lifeMs) / 1000);
  const invite: Invite = { key, createdAt: now, expiresAt, used: null, revokedAt: null };
  await createFileAtomic(fileOf(folder, key), JSON.stringify(inviteToJson(invite)));
  await forgetOld(folder, now);
  const token = encodeToken({
    network: network.id,
    secret: network.secret!,
    owner: network.file.owner!,
    seed,
    expiresAt,
    bootstrap,
  });
  return { token, invite };
}

/** All stored invites, the newest first. Unreadable ones are passed over. */
export async function listInvites(folder: string): Promise<Invite[]> {
  const names = await listFolder(join(folder, 'invites'));
  const found: Invite[] = [];
  for (const name of names) {
    if (!name.endsWith('.json')) continue;
    try {
      found.push(parseInvite(await readJson(join(folder, 'invites', name))));
    } catch { /* nothing can be redeemed by it */ }
  }
  return found.sort((a, b) => b.createdAt - a.createdAt);
}

/** The invite of that key, null if there is none. */
export async function findInvite(folder: string, key: Uint8Array): Promise<Invite | null> {
  const json = await readJson(fileOf(folder, key));
  return json === undefined ? null : parseInvite(json);
}

/** Stores a changed invite. */
export function keepInvite(folder: string, invite: Invite): Promise<void> {
  return writeJson(fileOf(folder, invite.key), inviteToJson(invite));
}

/**
 * Revokes an open invite.
 * @param start of its key in hexadecimal, long enough to mean one
 * @throws {NexusError} `INVITE_UNKNOWN`, `INVITE_AMBIGUOUS`, `INVITE_USED`
 */
export async function revokeInvite(folder: string, start: string, now: number): Promise<Invite> {
  const found = (await listInvites(folder)).filter(({ key }) => toHex(key).startsWith(start));
  const [invite, other] = found;
  if (start === '' || invite === undefined) {
    throw new NexusError('INVITE_UNKNOWN', 'there is no invite with this id', {
      hint: 'see nexus invite list',
    });
  }
  if (other !== undefined) {
    throw new NexusError('INVITE_AMBIGUOUS', `${found.length} invites begin with ${start}`, {
      hint: 'give more digits of its id; see nexus invite list',
    });
  }
  if (invite.used !== null) {
    throw new NexusError('INVITE_USED', 'this invite has been used already', {
      hint: `take the machine out instead: nexus members remove ${toHex(invite.used.by)}`,
    });
  }
  const revoked = revoke(invite, now);
  await keepInvite(folder, revoked);
  return revoked;
}

/**
 * The folder of a private network that this machine owns.
 * @throws {NexusError} `NETWORK_OPEN`, `NETWORK_NOT_OWNED`
 */
export function ownedFolder(network: Network, self: Uint8Array): string {
  const { owner } = network.file;
  if (owner === null || network.folder === null) {
    throw new NexusError('NETWORK_OPEN', `${network.name} is open to everybody`, {
      hint: 'make a private network first: nexus network new home',
    });
  }
  if (toHex(owner) !== toHex(self)) {
    const name = network.members?.members.find(({ key }) => toHex(key) === toHex(owner))?.name;
    throw new NexusError('NETWORK_NOT_OWNED', `only the owner of ${network.name} can do that`, {
      hint: `do it on the machine that made the network${name ? ` (${name})` : ''}`,
    });
  }
  return network.folder;
}

async function forgetOld(folder: string, now: number): Promise<void> {
  for (const invite of await listInvites(folder)) {
    const closed = inviteState(invite, now) !== 'open';
    if (closed && now - invite.expiresAt > KEEP_MS) {
      await remove(fileOf(folder, invite.key)).catch(() => {});
    }
  }
}

function fileOf(folder: string, key: Uint8Array): string {
  return join(folder, 'invites', `${toHex(key)}.json`);
}
