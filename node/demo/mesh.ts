import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NexusError } from '../../feeds/base/mod.ts';
import { startDht } from '../../feeds/client/mod.ts';
import { EMBEDDED_MODEL, NexusNode } from '../daemon/mod.ts';
import { openHome, resolveSettings } from '../home/mod.ts';
import { loadNetwork, MAIN, networkToJson } from '../network/mod.ts';
import { openPen, type Penned } from './pen.ts';

const LOOPBACK = '127.0.0.1';
/** On an idle machine it takes some 5 s. */
const MESH_MS = 60_000;

/** One node of the demonstration, in processes of its own. */
export interface DemoNode {
  /** From 1. */
  number: number;
  /** Identity, hex. */
  key: string;
  pids: Record<string, number>;
  /** From the start of its process until it was ready. */
  readyMs: number;
  kill(): Promise<void>;
}

/** A mesh on this machine, and the node that asks it, which is in this process. */
export interface DemoMesh {
  asker: NexusNode;
  /** Nodes as they become ready. */
  nodes: Promise<DemoNode>[];
  /** Resolves when the asker knows what each of them serves. */
  complete(): Promise<void>;
}

/**
 * Starts a private DHT and nodes that know nothing but it, hands them to `use`, and leaves nothing
 * behind: neither processes nor files.
 * @param node path of the Node binary
 */
export async function* withMesh<T>(
  { count, node, signal }: { count: number; node: string; signal: AbortSignal },
  use: (mesh: DemoMesh) => AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  signal.throwIfAborted();
  const folder = await Deno.makeTempDir({ prefix: 'nexus-demo-' });
  await using pen = openPen(node, folder);
  await using dht = await startDht({ host: LOOPBACK, port: 0, node });
  const bootstrap = `${dht.host}:${dht.port}`;
  const network = await ownNetwork(folder);
  const nodes = Array.from({ length: count }, (_, i) => {
    const home = join(folder, `${i + 1}`);
    const args = upArgs(home, bootstrap, network);
    return ready(i + 1, pen.start(`node ${i + 1}`, args, environment(folder)), signal);
  });
  for (const one of nodes) one.catch(() => {});
  await using asker = await startAsker({ path: join(folder, 'asker'), bootstrap, network, node });
  yield* use({ asker, nodes, complete: () => orAborted(heard(asker, count), signal) });
}

async function ready(number: number, process: Penned, signal: AbortSignal): Promise<DemoNode> {
  const began = performance.now();
  const event = await orAborted(process.event('ready'), signal);
  return {
    number,
    key: event.key as string,
    pids: event.pids as Record<string, number>,
    readyMs: performance.now() - began,
    kill: () => process.kill(),
  };
}

const SETTINGS = 'NETWORK WHERE MODEL HOST BOOTSTRAP THREADS PRICE SLOTS MAX_TOKENS'.split(' ');

/** What the user set for real nodes is not for these; what they drop when killed goes with them. */
function environment(folder: string): Record<string, string> {
  const unset = SETTINGS.map((name) => [`NEXUS_${name}`, '']);
  return { ...Object.fromEntries(unset), TMPDIR: folder, TEMP: folder, TMP: folder };
}

function upArgs(home: string, bootstrap: string, network: string): string[] {
  return [
    fileURLToPath(new URL('../../bin/nexus.mjs', import.meta.url)),
    'up',
    '--json',
    '--quiet',
    ...['--home', home, '--network', network, '--host', LOOPBACK, '--bootstrap', bootstrap],
    // Several engines share the cores.
    ...['-m', EMBEDDED_MODEL, '--threads', '1'],
  ];
}

/**
 * A network for demonstrations: on a port that was used before, nodes of a real mesh may still be
 * looking for theirs. Its name goes into the seed of each answer, so it is always the same. Returns
 * the path of its file.
 */
async function ownNetwork(folder: string): Promise<string> {
  const file = { ...MAIN, name: 'demo' };
  const path = join(folder, 'network.json');
  await Deno.writeTextFile(path, JSON.stringify(networkToJson({ file, bootstrap: null })));
  return path;
}

async function startAsker(
  at: { path: string; bootstrap: string; network: string; node: string },
): Promise<NexusNode> {
  const { path, bootstrap, network, node } = at;
  const home = await openHome(path);
  const flags = { host: LOOPBACK, bootstrap: [bootstrap], threads: 1 };
  return await NexusNode.start({
    home,
    settings: resolveSettings({ flags, env: {}, config: {} }, () => false),
    network: await loadNetwork(home.paths, network),
    roles: new Set(['requester']),
    models: [],
    mesh: true,
    announce: true,
    nodeBinary: node,
  });
}

async function heard(asker: NexusNode, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => asker.directory.offerings().length >= count && resolve();
  const off = asker.bus.on(look);
  const timer = setTimeout(() => {
    const found = asker.directory.offerings().length;
    reject(
      new NexusError('DEMO_INCOMPLETE', `only ${found} of ${count} nodes found each other`, {
        stage: 'lookup',
        hint: 'see what is wrong: nexus doctor; or try fewer: nexus demo --nodes 2',
      }),
    );
  }, MESH_MS);
  try {
    look();
    await promise;
  } finally {
    clearTimeout(timer);
    off();
  }
}

/** The promise, unless the signal aborts before. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
