import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256, toHex } from '../../feeds/base/mod.ts';
import { homePath, runPath } from './locate.mjs';
import { env, followLinks, platform } from './runtime.ts';

/** Where each thing of a node lives. All absolute. */
export interface HomePaths {
  home: string;
  /** Ed25519 seed, 64 hexadecimal digits, 0600. */
  identity: string;
  config: string;
  /** API keys of the gateway, hashed. */
  keys: string;
  /** What they have spent today. */
  usage: string;
  /** What this machine learnt and can learn again. */
  state: string;
  /** Where the folds stood when it was written: can be made again from the logs. */
  snapshot: string;
  /** Corestore's folder. */
  store: string;
  models: string;
  networks: string;
  /** Keys of circuits that networks made for themselves, each in a folder by its hash. */
  circuits: string;
  /** Receipts of answered prompts. */
  receipts: string;
  /** Transcripts of answers with their keys, for auditors: secrets. */
  payloads: string;
  /** Verdicts that are not revealed yet: secrets. */
  audits: string;
  /** What this node's measurements of peers stand on. */
  fingerprints: string;
  /** What its machine was, to be compared with. */
  machine: string;
  /** Peers that this node has nothing to do with. */
  banned: string;
  /** Executors that it does not ask, since a check found something. */
  distrusted: string;
  /** What audits found in its jobs. */
  verdicts: string;
  /** What it found of proofs of sampling. */
  proofs: string;
  /** Attempts at jobs that it took. */
  attempts: string;
  /** What its jobs have cost in energy. */
  energy: string;
  /** 0700 folder with lock and sockets; outside the home where its path is too long for a socket. */
  run: string;
  lock: string;
  /** Control socket of the running node. */
  socket: string;
  /** Socket towards the feeds service. */
  feedsSocket: string;
  /** Socket towards the engine. */
  engineSocket: string;
}

/** What {@link pathsOf} needs to know of the machine. */
export interface Machine {
  env: Record<string, string | undefined>;
  platform: string;
  userHome: string;
  temporary: string;
}

/** This machine. */
export function thisMachine(): Machine {
  return { env, platform: platform(), userHome: homedir(), temporary: tmpdir() };
}

/**
 * Paths under `home`; without it under `$NEXUS_HOME`, else the user's data folder
 * (`$XDG_DATA_HOME/nexus`, `~/.local/share/nexus`, `~/Library/Application Support/nexus`,
 * `%LOCALAPPDATA%\nexus`). Symbolic links are followed, so that one home has one lock.
 */
export function pathsOf(home?: string, machine: Machine = thisMachine()): HomePaths {
  const { env, platform, userHome, temporary } = machine;
  const root = realPath(resolve(home || homePath(env, platform, userHome)));
  const run = runPath(root, env, platform, temporary, hexHash);
  return {
    home: root,
    identity: join(root, 'identity'),
    config: join(root, 'config.json'),
    keys: join(root, 'keys.json'),
    usage: join(root, 'usage.json'),
    state: join(root, 'state.json'),
    snapshot: join(root, 'snapshot'),
    store: join(root, 'store'),
    models: join(root, 'models'),
    networks: join(root, 'networks'),
    circuits: join(root, 'circuits'),
    receipts: join(root, 'receipts'),
    payloads: join(root, 'payloads'),
    audits: join(root, 'audits'),
    fingerprints: join(root, 'fingerprints'),
    machine: join(root, 'machine.json'),
    banned: join(root, 'banned.json'),
    distrusted: join(root, 'distrusted.json'),
    verdicts: join(root, 'verdicts.json'),
    proofs: join(root, 'proofs.json'),
    attempts: join(root, 'attempts'),
    energy: join(root, 'energy.ndjson'),
    run,
    lock: join(run, 'lock'),
    socket: join(run, 'node.sock'),
    feedsSocket: join(run, 'feeds.sock'),
    engineSocket: join(run, 'engine.sock'),
  };
}

/** Folders of model files: the home's, and the one that ships with the program. */
export function modelRoots({ models }: HomePaths): string[] {
  return [models, fileURLToPath(new URL('../../models', import.meta.url))];
}

function hexHash(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)));
}

/** The real path of the part that exists, with the rest appended. */
function realPath(path: string): string {
  try {
    return followLinks(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
