import { fromHex, NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import { hex, label, members } from './check.ts';
import { type NetworkFile, networkToJson, parseNetwork } from './file.ts';
import { type MemberList, membersToJson, parseMembers } from './members.ts';

/** Name of the protocol by which a newcomer redeems an invite. */
export const INVITE_PROTOCOL = 'nexus/invite/1';

const MAX_REQUEST_BYTES = 4 * 1024;
const MAX_ANSWER_BYTES = 512 * 1024;

/** What a newcomer sends. */
export interface InviteRequest {
  /** Public key of the invite. */
  invite: Uint8Array;
  /** 64 bytes, Ed25519 by the invite over {@link proofMessage}. */
  proof: Uint8Array;
  /** How the newcomer calls itself. */
  name: string;
}

/** What the owner answers. */
export type InviteAnswer =
  | { ok: true; file: NetworkFile; members: MemberList }
  | { ok: false; error: NexusError };

/**
 * What an invite's key signs: that this newcomer, and no one else, may enter by it. The connection
 * proves that the newcomer has its own key.
 */
export function proofMessage(
  network: Uint8Array,
  owner: Uint8Array,
  joiner: Uint8Array,
): Uint8Array {
  return taggedHash('nexus/invite-proof/1', network, owner, joiner);
}

/** Encodes a request as UTF-8 JSON. */
export function encodeRequest({ invite, proof, name }: InviteRequest): Uint8Array {
  return toBytes({ version: 1, invite: toHex(invite), proof: toHex(proof), name });
}

/** @throws {NexusError} `INVITE_BAD_MESSAGE` */
export function decodeRequest(bytes: Uint8Array): InviteRequest {
  const from = members(fromBytes(bytes, MAX_REQUEST_BYTES), [
    'version',
    'invite',
    'proof',
    'name',
  ], bad);
  if (from.version !== 1) bad('its version is unknown');
  return {
    invite: fromHex(hex(from.invite, 32, 'invite', bad)),
    proof: fromHex(hex(from.proof, 64, 'proof', bad)),
    name: label(from.name),
  };
}

/** Encodes an answer as UTF-8 JSON. */
export function encodeAnswer(answer: InviteAnswer): Uint8Array {
  if (!answer.ok) {
    const { code, message, hint } = answer.error;
    return toBytes({ version: 1, error: { code, message, hint } });
  }
  return toBytes({
    version: 1,
    network: networkToJson({ file: answer.file, bootstrap: null }),
    members: membersToJson(answer.members),
  });
}

/** @throws {NexusError} `INVITE_BAD_MESSAGE`, `NETWORK_INVALID`, `MEMBERS_INVALID` */
export function decodeAnswer(bytes: Uint8Array): InviteAnswer {
  const names = ['version', 'error?', 'network?', 'members?'];
  const from = members(fromBytes(bytes, MAX_ANSWER_BYTES), names, bad);
  if (from.version !== 1) bad('its version is unknown');
  if (from.error !== undefined) return { ok: false, error: NexusError.fromJSON(from.error) };
  const { file } = parseNetwork(from.network);
  return { ok: true, file, members: parseMembers(from.members) };
}

function toBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function fromBytes(bytes: Uint8Array, most: number): unknown {
  if (bytes.length > most) bad(`it is longer than ${most} bytes`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return bad('it is not JSON');
  }
}

function bad(what: string): never {
  throw new NexusError('INVITE_BAD_MESSAGE', `a message about an invite is wrong: ${what}`, {
    hint: 'run the same version of nexus on both machines',
    stage: 'admission',
  });
}
