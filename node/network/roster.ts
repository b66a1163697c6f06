import { join } from 'node:path';
import { NexusError } from '../../feeds/base/mod.ts';
import { createFileAtomic, listFolder, readJson, remove } from '../home/mod.ts';
import {
  type Member,
  type MemberList,
  membersToJson,
  mergeMembers,
  parseMembers,
  type Sign,
  verifyMembers,
  withMember,
  withoutMember,
} from './members.ts';

/** Older versions kept on disk. */
const KEPT = 2;
const ATTEMPTS = 20;

/**
 * The newest member list in a network's folder that its owner signed.
 * @throws {NexusError} `MEMBERS_INVALID` if there is none
 */
export async function loadMembers(
  folder: string,
  owner: Uint8Array,
  network: Uint8Array,
): Promise<MemberList> {
  for (const version of (await versions(folder)).reverse()) {
    const list = await loadVersion(folder, version);
    if (list !== null && await verifyMembers(list, owner, network)) return list;
  }
  throw new NexusError('MEMBERS_INVALID', `${folder} holds no member list that its owner signed`, {
    hint: 'leave the network (nexus leave) and join again with a new invite',
  });
}

/**
 * Keeps a verified list. Each version is a file that is created once, so of two processes that make
 * a next version at once, one is told to look again.
 * @returns `kept`; `known`, if it or a newer one is there; `equivocation`, if another list of that
 * version is
 */
export async function saveMembers(
  folder: string,
  list: MemberList,
): Promise<'kept' | 'known' | 'equivocation'> {
  const text = `${JSON.stringify(membersToJson(list), null, 2)}\n`;
  const path = fileOf(folder, list.version);
  if (await createFileAtomic(path, text)) {
    const all = await versions(folder);
    for (const old of all.slice(0, -KEPT)) await remove(fileOf(folder, old)).catch(() => {});
    return all.at(-1) === list.version ? 'kept' : 'known';
  }
  const there = await loadVersion(folder, list.version);
  return there !== null && mergeMembers(there, list).equivocation ? 'equivocation' : 'known';
}

/** Makes, signs and keeps the next version of a list; the owner's side. */
async function change(
  folder: string,
  network: { owner: Uint8Array; id: Uint8Array },
  next: (list: MemberList) => Promise<MemberList>,
): Promise<MemberList> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const list = await loadMembers(folder, network.owner, network.id);
    const changed = await next(list);
    if (changed === list || await saveMembers(folder, changed) === 'kept') return changed;
  }
  throw new NexusError('MEMBERS_BUSY', 'the member list is being changed by others all the time', {
    hint: 'try again',
  });
}

/** Adds a member, or renames one. */
export function addMember(
  folder: string,
  network: { owner: Uint8Array; id: Uint8Array },
  member: Member,
  sign: Sign,
): Promise<MemberList> {
  return change(folder, network, (list) => withMember(list, member, sign));
}

/** Removes a member. */
export function removeMember(
  folder: string,
  network: { owner: Uint8Array; id: Uint8Array },
  key: Uint8Array,
  sign: Sign,
): Promise<MemberList> {
  return change(folder, network, (list) => withoutMember(list, key, sign));
}

async function versions(folder: string): Promise<number[]> {
  const names = await listFolder(join(folder, 'members'));
  return names.filter((name) => /^\d{1,15}\.json$/.test(name)).map((name) => parseInt(name, 10))
    .sort((a, b) => a - b);
}

async function loadVersion(folder: string, version: number): Promise<MemberList | null> {
  try {
    return parseMembers(await readJson(fileOf(folder, version)));
  } catch {
    return null;
  }
}

function fileOf(folder: string, version: number): string {
  return join(folder, 'members', `${version}.json`);
}
