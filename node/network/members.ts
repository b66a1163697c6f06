import {
  equalBytes,
  fromHex,
  NexusError,
  taggedHash,
  toHex,
  verifyEd25519,
} from '../../feeds/base/mod.ts';
import { canonicalBytes } from './canonical.ts';
import { hex, isLabel, label, listOf, members, whole } from './check.ts';

const FORMAT = 'nexus-members/1';

/** Members of one network, at most. */
const MAX_MEMBERS = 256;

/** A machine of a private network. */
export interface Member {
  key: Uint8Array;
  /** Display name, free of control characters. */
  name: string;
}

/** The members of a private network, as its owner signed them. */
export interface MemberList {
  network: Uint8Array;
  /** Counts up; the highest one holds. */
  version: number;
  members: Member[];
  /** 64 bytes, Ed25519 by the owner over everything above. */
  signature: Uint8Array;
}

/** Signs with the owner's key. */
export type Sign = (message: Uint8Array) => Promise<Uint8Array>;

/** Makes and signs a member list. Keys are sorted, so that one set has one document. */
export async function signMembers(
  unsigned: Omit<MemberList, 'signature'>,
  sign: Sign,
): Promise<MemberList> {
  const sorted = unsigned.members
    .map(({ key, name }) => ({ key, name: label(name) }))
    .sort((a, b) => (toHex(a.key) < toHex(b.key) ? -1 : 1));
  if (sorted.length > MAX_MEMBERS) {
    throw new NexusError('MEMBERS_FULL', `a network has at most ${MAX_MEMBERS} members`, {
      hint: 'remove one first: nexus members remove <key>',
    });
  }
  const list = { ...unsigned, members: sorted };
  return { ...list, signature: await sign(messageOf(list)) };
}

/** True if the owner signed the list for this network. */
export async function verifyMembers(
  list: MemberList,
  owner: Uint8Array,
  network: Uint8Array,
): Promise<boolean> {
  if (!equalBytes(list.network, network)) return false;
  return await verifyEd25519(owner, messageOf(list), list.signature);
}

/** What came of joining two valid lists of one network. */
export interface Merged {
  list: MemberList;
  /** True if the owner signed two different lists of one version: misconduct of the owner. */
  equivocation: boolean;
}

/**
 * The list that holds: the highest version. Of two different lists of one version all readers keep
 * the same one, whichever came first.
 */
export function mergeMembers(a: MemberList, b: MemberList): Merged {
  if (a.version !== b.version) {
    return { list: a.version > b.version ? a : b, equivocation: false };
  }
  const [first, second] = [toHex(messageOf(a)), toHex(messageOf(b))];
  return { list: first <= second ? a : b, equivocation: first !== second };
}

/** True if that key is in the list. */
export function isMember(list: MemberList, key: Uint8Array): boolean {
  return list.members.some((member) => equalBytes(member.key, key));
}

/** Next version with that machine in it; the same list if it is there under that name already. */
export async function withMember(
  list: MemberList,
  member: Member,
  sign: Sign,
): Promise<MemberList> {
  const name = label(member.name);
  if (list.members.some((one) => equalBytes(one.key, member.key) && one.name === name)) return list;
  const others = list.members.filter((one) => !equalBytes(one.key, member.key));
  const { network, version } = list;
  const next = [...others, { key: member.key, name }];
  return await signMembers({ network, version: version + 1, members: next }, sign);
}

/** Next version without that machine; the same list if it was not in it. */
export async function withoutMember(
  list: MemberList,
  key: Uint8Array,
  sign: Sign,
): Promise<MemberList> {
  if (!isMember(list, key)) return list;
  const others = list.members.filter((one) => !equalBytes(one.key, key));
  const { network, version } = list;
  return await signMembers({ network, version: version + 1, members: others }, sign);
}

/** A member list as plain JSON. */
export function membersToJson(list: MemberList): Record<string, unknown> {
  return { ...body(list), signature: toHex(list.signature) };
}

/** A member list as the bytes that go from peer to peer. */
export function encodeMembers(list: MemberList): Uint8Array {
  return canonicalBytes(membersToJson(list));
}

/**
 * Validates the shape of a member list; its signature is checked by {@link verifyMembers}.
 * @throws {NexusError} `MEMBERS_INVALID`
 */
export function parseMembers(json: unknown): MemberList {
  const from = members(json, ['format', 'network', 'version', 'members', 'signature'], invalid);
  if (from.format !== FORMAT) invalid(`format is not ${FORMAT}`);
  const list = listOf(from.members, MAX_MEMBERS, 'members', invalid).map((entry) => {
    const { key, name } = members(entry, ['key', 'name'], invalid);
    if (!isLabel(name)) return invalid('a member has no proper name');
    return { key: fromHex(hex(key, 32, 'key', invalid)), name };
  });
  const keys = list.map(({ key }) => toHex(key));
  if (keys.some((key, i) => i > 0 && key <= keys[i - 1]!)) invalid('members are not in order');
  return {
    network: fromHex(hex(from.network, 32, 'network', invalid)),
    version: whole(from.version, 1, Number.MAX_SAFE_INTEGER, 'version', invalid),
    members: list,
    signature: fromHex(hex(from.signature, 64, 'signature', invalid)),
  };
}

/** Longest encoded list, in bytes, that is read. */
const MAX_BYTES = 128 * 1024;

/**
 * Decodes what {@link encodeMembers} wrote.
 * @throws {NexusError} `MEMBERS_INVALID`
 */
export function decodeMembers(bytes: Uint8Array): MemberList {
  if (bytes.length > MAX_BYTES) invalid(`longer than ${MAX_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    invalid('not JSON');
  }
  return parseMembers(json);
}

function body(list: Omit<MemberList, 'signature'>): Record<string, unknown> {
  return {
    format: FORMAT,
    network: toHex(list.network),
    version: list.version,
    members: list.members.map(({ key, name }) => ({ key: toHex(key), name })),
  };
}

function messageOf(list: Omit<MemberList, 'signature'>): Uint8Array {
  return taggedHash('nexus/members/1', canonicalBytes(body(list)));
}

function invalid(what: string): never {
  throw new NexusError('MEMBERS_INVALID', `not a member list: ${what}`, {
    hint: 'ask the owner of the network for a new invite',
  });
}
