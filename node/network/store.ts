import { join } from 'node:path';
import { equalBytes, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { LedgerTerms } from '../../feeds/ledger/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import {
  assertPrivate,
  createFileAtomic,
  type HomePaths,
  listFolder,
  makeFolder,
  quoted,
  randomBytes,
  readJson,
  readText,
  remove,
  writeJson,
} from '../home/mod.ts';
import { isNetworkName } from './check.ts';
import { defaultRules, type Rules } from './rules.ts';
import {
  MAIN,
  type NetworkFile,
  networkId,
  networkToJson,
  parseNetwork,
  type Witness,
} from './file.ts';
import { type Sign, signMembers } from './members.ts';
import { loadMembers, saveMembers } from './roster.ts';
import type { MemberList } from './members.ts';

/** A network as this machine knows it. */
export interface Network {
  /** What it is called here; the name of its folder. */
  name: string;
  id: Uint8Array;
  file: NetworkFile;
  bootstrap: string[] | null;
  /** Mixed into the topics of a private network; null on open ones. */
  secret: Uint8Array | null;
  /** The newest member list known here; null on open networks. */
  members: MemberList | null;
  /** Its folder; null for a network that is not stored. */
  folder: string | null;
  /** Where this machine keeps keys of proofs beside those of the program. */
  keyFolder: string;
}

/** What whoever makes a network may choose. */
export interface NetworkChoices {
  bootstrap?: string[] | null;
  /** Nobody if left out: then nothing is audited. */
  witnesses?: Witness[];
  /** The usual ones if left out. */
  rules?: Rules;
  /** No money if left out. */
  ledger?: LedgerTerms | null;
  /** No proofs if left out. */
  circuits?: ProofTerms | null;
}

/** Names of the networks that can be chosen: `main` first. */
export async function listNetworks(paths: HomePaths): Promise<string[]> {
  const entries = await listFolder(paths.networks);
  return [MAIN.name, ...entries.filter((name) => name !== MAIN.name && isNetworkName(name)).sort()];
}

/**
 * Loads a stored network by its name, or an open one from a network file.
 * @throws {NexusError} `NETWORK_UNKNOWN`, `NETWORK_INVALID`, `MEMBERS_INVALID`, `IDENTITY_EXPOSED`
 */
export async function loadNetwork(paths: HomePaths, nameOrFile: string): Promise<Network> {
  if (nameOrFile === MAIN.name) return openNetwork(paths, MAIN.name, MAIN, null);
  if (!isNetworkName(nameOrFile)) return await loadOpenFile(paths, nameOrFile);
  const folder = join(paths.networks, nameOrFile);
  const json = await readJson(join(folder, 'network.json'));
  if (json === undefined) throw unknownNetwork(nameOrFile);
  const { file, bootstrap } = parseNetwork(json);
  const open = { ...openNetwork(paths, nameOrFile, file, bootstrap), folder };
  if (file.owner === null) return open;
  const secret = await loadSecret(join(folder, 'secret'));
  const members = await loadMembers(folder, file.owner, open.id);
  return { ...open, secret, members };
}

/**
 * The network of that id, among those that can be chosen here; null where none is.
 * @param id hexadecimal
 */
export async function networkOfId(paths: HomePaths, id: string): Promise<Network | null> {
  for (const name of await listNetworks(paths)) {
    const known = await loadNetwork(paths, name).catch(() => null);
    if (known !== null && toHex(known.id) === id) return known;
  }
  return null;
}

/**
 * True if that network is a private one. It is asked before anything else is known, to decide
 * whether a prompt may leave the machine: whatever is unreadable counts as not private.
 */
export async function isPrivateNetwork(paths: HomePaths, name: string): Promise<boolean> {
  const network = await loadNetwork(paths, name).catch(() => null);
  return network !== null && network.secret !== null;
}

/**
 * Makes a private network whose owner and only member is this machine, and stores it.
 * @throws {NexusError} `NETWORK_NAME_INVALID`, `NETWORK_EXISTS`
 */
export async function newPrivateNetwork(
  paths: HomePaths,
  options: {
    name: string;
    owner: Uint8Array;
    sign: Sign;
    /** How this machine is called in the member list. */
    machine: string;
  } & NetworkChoices,
): Promise<Network> {
  const { name, owner, sign, machine, bootstrap = null } = options;
  const file: NetworkFile = { ...fileOf(options), kind: 'private', owner };
  const network = networkId(file);
  const list = { network, version: 1, members: [{ key: owner, name: machine }] };
  const members = await signMembers(list, sign);
  const secret = randomBytes(32);
  return await saveNetwork(paths, name, { file, bootstrap, secret, members });
}

/**
 * Makes an open network, and stores it. Whoever has its file may enter it.
 * @throws {NexusError} `NETWORK_NAME_INVALID`, `NETWORK_EXISTS`
 */
export async function newOpenNetwork(
  paths: HomePaths,
  options: { name: string } & NetworkChoices,
): Promise<Network> {
  const { name, bootstrap = null } = options;
  return await saveNetwork(paths, name, {
    file: fileOf(options),
    bootstrap,
    secret: null,
    members: null,
  });
}

/**
 * Stores a network under a name.
 * @throws {NexusError} `NETWORK_NAME_INVALID`, `NETWORK_EXISTS` if another one has that name
 */
export async function saveNetwork(
  paths: HomePaths,
  name: string,
  network: Pick<Network, 'file' | 'bootstrap' | 'secret' | 'members'>,
): Promise<Network> {
  if (!isNetworkName(name)) {
    throw new NexusError('NETWORK_NAME_INVALID', `a network cannot be called ${quoted(name)}`, {
      hint: 'use up to 32 of a-z and 0-9, with single hyphens between them',
    });
  }
  const id = networkId(network.file);
  const folder = join(paths.networks, name);
  const before = await loadNetwork(paths, name).catch((thrown) => {
    if (thrown instanceof NexusError && thrown.code === 'NETWORK_UNKNOWN') return null;
    throw thrown;
  });
  if (before !== null && !(equalBytes(before.id, id) && before.folder !== null)) {
    throw new NexusError('NETWORK_EXISTS', `there is another network called ${name} here`, {
      hint: `choose another name with --as, or forget that one first: nexus leave ${name}`,
    });
  }
  await makeFolder(folder);
  if (network.secret !== null) {
    await createFileAtomic(join(folder, 'secret'), `${toHex(network.secret)}\n`);
  }
  if (network.members !== null) await saveMembers(folder, network.members);
  // Last, since it is what makes the folder a network.
  await writeJson(join(folder, 'network.json'), networkToJson(network));
  return await loadNetwork(paths, name);
}

/** Forgets a stored network: its secret, member list and invites. */
export async function leaveNetwork(paths: HomePaths, name: string): Promise<void> {
  const folder = join(paths.networks, name);
  if (!isNetworkName(name) || (await readJson(join(folder, 'network.json'))) === undefined) {
    throw unknownNetwork(name);
  }
  await remove(folder);
}

/** Keys that may enter: those of the member list, or null where everybody may. */
export function membersOf(network: Network): Uint8Array[] | null {
  return network.members?.members.map((member) => member.key) ?? null;
}

function fileOf(
  { name, witnesses = [], rules, ledger = null, circuits = null }:
    & { name: string }
    & NetworkChoices,
): NetworkFile {
  return {
    name,
    kind: 'open',
    rules: rules ?? defaultRules(),
    models: [],
    owner: null,
    witnesses,
    ledger,
    circuits,
  };
}

function openNetwork(
  { circuits }: HomePaths,
  name: string,
  file: NetworkFile,
  bootstrap: string[] | null,
): Network {
  const none = { secret: null, members: null, folder: null };
  return { name, id: networkId(file), file, bootstrap, ...none, keyFolder: circuits };
}

async function loadOpenFile(paths: HomePaths, path: string): Promise<Network> {
  const json = await readJson(path);
  if (json === undefined) throw unknownNetwork(path);
  const { file, bootstrap } = parseNetwork(json);
  if (file.owner !== null) {
    throw new NexusError('NETWORK_PRIVATE', `${path} is the file of a private network`, {
      hint: 'its owner lets you in: nexus join <invite>',
    });
  }
  return openNetwork(paths, file.name, file, bootstrap);
}

async function loadSecret(path: string): Promise<Uint8Array> {
  const text = (await readText(path))?.trim();
  if (text === undefined || !/^[0-9a-f]{64}$/.test(text)) {
    throw new NexusError('NETWORK_SECRET_MISSING', `${path} does not hold the network's secret`, {
      hint: 'leave the network (nexus leave) and join again with a new invite',
    });
  }
  await assertPrivate(path);
  return fromHex(text, 32);
}

function unknownNetwork(name: string): NexusError {
  return new NexusError('NETWORK_UNKNOWN', `there is no network ${quoted(name)} here`, {
    hint: 'see nexus network list; make one: nexus network new <name>; enter one: nexus join',
  });
}
