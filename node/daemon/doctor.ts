import { statfs } from 'node:fs/promises';
import { asNexusError, counted, NexusError } from '../../feeds/base/mod.ts';
import { type Feeds, startFeeds } from '../../feeds/client/mod.ts';
import {
  askStandstill,
  call,
  DIFFERS_MEND,
  type LedgerAnswer,
  vouchingText,
} from '../control/mod.ts';
import { createEngine, type EngineInfo } from '../engine/mod.ts';
import {
  acquireNode,
  assertPrivate,
  copiedFrom,
  modelRoots,
  unknownVariables,
} from '../home/mod.ts';
import { bootstrapOf, joinOptionsOf } from '../network/mod.ts';
import { fitsMemory, formatBytes, ModelStore } from '../models/mod.ts';
import { attestedClass, decodingThreads, energy, gpu } from './doctor_machine.ts';
import { DEFAULT_MODEL, EMBEDDED_MODEL } from './keeper.ts';
import { idOf } from './serving.ts';
import type { NodeOptions } from './options.ts';

/** One line of `nexus doctor`. */
export interface Finding {
  name: string;
  state: 'ok' | 'warning' | 'error';
  detail: string;
  /** The command or step that mends it; null where nothing is to be done. */
  mend: string | null;
}

/** Less free disk than this is told. */
const LOW_DISK = 1e9;
const DHT_MS = 8000;
/** 2024-01-01: no clock of a machine that runs this program shows less. */
const EARLIEST = Date.UTC(2024, 0, 1);

/** Checks everything that a node needs, each in turn. */
export async function* diagnose(
  options: NodeOptions,
  signal: AbortSignal,
): AsyncGenerator<Finding, void, void> {
  let info: EngineInfo | null = null;
  const checks: [string, () => Promise<Omit<Finding, 'name'>>][] = [
    ['runtime', runtime],
    ['identity', () => identity(options)],
    ['clock', clock],
    ['disk', () => disk(options)],
    ['settings', settings],
    ['model', () => model(options)],
    ['engine', () => engine(options, (told) => info = told)],
    ['gpu', () => gpu(info)],
    ['energy', async () => energy(info, options, await decodingThreads(options))],
    ['class', () => attestedClass(options)],
    ['network', () => network(options)],
  ];
  if (options.network.file.ledger !== null) checks.push(['cuts', () => cuts(options, signal)]);
  for (const [name, check] of checks) {
    signal.throwIfAborted();
    try {
      yield { name, ...await check() };
    } catch (thrown) {
      const { message, hint } = asNexusError(thrown);
      yield { name, state: 'error', detail: message, mend: hint ?? null };
    }
  }
}

const ok = (detail: string) => ({ state: 'ok' as const, detail, mend: null });
const warning = (detail: string, mend: string) => ({ state: 'warning' as const, detail, mend });

function runtime() {
  const { deno, v8 } = Deno.version;
  return Promise.resolve(ok(`Deno ${deno}, V8 ${v8}, ${Deno.build.target}`));
}

async function identity({ home }: NodeOptions) {
  await assertPrivate(home.paths.identity);
  const other = await copiedFrom(home.paths);
  if (other !== null) {
    return warning(
      `this home is a copy of another one: its identity ${other.still ? 'lies' : 'was'} in ` +
        `${other.path} too, and two nodes of one identity contradict each other`,
      'keep one: remove identity and store of the other, which gets a new identity then',
    );
  }
  return ok(`${home.paths.identity} is readable by its owner alone`);
}

function clock() {
  const now = Date.now();
  if (now < EARLIEST) {
    return Promise.resolve(warning(
      `the clock says ${new Date(now).toISOString()}`,
      'set the clock: invites and announcements carry times',
    ));
  }
  return Promise.resolve(ok(new Date(now).toISOString()));
}

function settings() {
  const unknown = unknownVariables(Deno.env.toObject());
  if (unknown.length === 0) return Promise.resolve(ok('see them with nexus config'));
  const meant = unknown.map(({ name, meant }) => meant === null ? name : `${name} (${meant}?)`);
  const detail = `nothing reads ${meant.join(', ')}`;
  return Promise.resolve(warning(detail, `unset ${unknown.map(({ name }) => name).join(' ')}`));
}

async function disk({ home }: NodeOptions) {
  const { bavail, bsize } = await statfs(home.paths.home);
  const free = bavail * bsize;
  const detail = `${formatBytes(free)} free in ${home.paths.home}`;
  if (free >= LOW_DISK) return ok(detail);
  return warning(detail, 'free some space, or set NEXUS_HOME to a folder on another disk');
}

async function model({ home, settings }: NodeOptions) {
  const store = new ModelStore(home.paths.home);
  const found = await store.resolve(settings.model.value ?? DEFAULT_MODEL);
  const { name } = found.entry;
  if (found.state === 'ready') return ok(`${name} is here`);
  const mend = `nexus models pull ${name}`;
  if (found.state === 'damaged') return warning(`the file of ${name} is damaged`, mend);
  return warning(`${name} is not fetched yet; until then the embedded model answers`, mend);
}

async function engine({ home, settings }: NodeOptions, tell: (info: EngineInfo) => void) {
  const store = new ModelStore(home.paths.home);
  await using child = createEngine({ roots: modelRoots(home.paths) });
  const info = await child.info();
  tell(info);
  const { device, build, memory } = info;
  const wanted = await store.resolve(settings.model.value ?? DEFAULT_MODEL);
  const chosen = wanted.state === 'ready' ? wanted : await store.resolve(EMBEDDED_MODEL);
  const { entry } = chosen;
  fitsMemory(entry, memory.free);
  const files = await store.files(idOf(chosen));
  const loaded = await child.load(entry.profile, files!, { weights: true });
  const free = formatBytes(memory.free);
  return ok(`${device}, ${build}; ${entry.name} loads, ${loaded.slots} sessions, ${free} free`);
}

/** UDP and the DHT, through the running node or through feeds of our own. */
async function network(options: NodeOptions) {
  const { home, settings, network } = options;
  const lease = await acquireNode(home.paths);
  if (!lease.owner) {
    const status = await call(home.paths.socket, 'status') as {
      mesh: { state: string; detail: string } | null;
      peers: number;
    };
    const { state, detail } = status.mesh ?? { state: 'none', detail: 'this node is in no mesh' };
    if (state === 'announced' || state === 'online') {
      return ok(`${detail}; ${counted(status.peers, 'peer')}`);
    }
    return warning(`${state}: ${detail}`, 'check that UDP may leave this machine');
  }
  try {
    await using feeds = await startFeeds({
      home: home.paths.home,
      seed: home.seed,
      ...(settings.host.value === null ? {} : { host: settings.host.value }),
      ...bootstrapOf(settings.bootstrap.value ?? network.bootstrap),
      ...(options.nodeBinary === undefined ? {} : { node: options.nodeBinary }),
    });
    await feeds.join(joinOptionsOf(network, { profiles: [], announce: false, maxPeers: 8 }));
    return await firstWord(feeds);
  } finally {
    lease.release();
  }
}

/** Whether cuts come, which all that has to do with money waits for. */
async function cuts({ home: { paths: { socket } } }: NodeOptions, signal: AbortSignal) {
  try {
    const { rows } = await call(socket, 'ledger', {}, signal) as LedgerAnswer;
    if (rows.differs !== null) {
      return { state: 'error' as const, detail: vouchingText(rows)!, mend: DIFFERS_MEND };
    }
    const still = rows.note ?? await askStandstill(socket, rows, Date.now(), signal);
    if (still === null) return ok(`cut ${rows.epoch ?? '-'} is the newest`);
    return warning(still, 'cuts need more than two thirds of the witnesses: nexus peers');
  } catch (thrown) {
    const { code, message, hint } = asNexusError(thrown);
    if (code === 'NODE_NOT_RUNNING') return ok('a node that runs reads them: nexus up');
    if (code !== 'LEDGER_UNREAD') throw thrown;
    return warning(message, hint ?? 'nexus peers');
  }
}

async function firstWord(feeds: Feeds): Promise<Omit<Finding, 'name'>> {
  const timer = setTimeout(() => void feeds.close(), DHT_MS);
  try {
    for await (const event of feeds.events) {
      if (event.type !== 'network') continue;
      if (event.state === 'offline') {
        return warning(
          event.detail,
          'local answers work; for the mesh, UDP must leave this machine',
        );
      }
      return ok(event.detail);
    }
  } finally {
    clearTimeout(timer);
  }
  throw new NexusError('DHT_UNREACHABLE', 'the DHT did not answer in time', {
    hint: 'check that UDP may leave this machine, or give --bootstrap',
  });
}
