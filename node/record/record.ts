import { toHex } from '../../feeds/base/mod.ts';
import type { CoreState } from '../../feeds/client/mod.ts';
import { decodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import { logOf } from '../../feeds/proof/mod.ts';
import type { CoreRow, NodeStatus, WatchEvent } from '../control/mod.ts';
import { entryRow } from '../watch/mod.ts';
import { AuditRetelling } from './audits.ts';
import { Retelling } from './derive.ts';
import { type LogCursor, merge, type Recorded } from './merge.ts';
import { type LogSource, openLogs } from './sources.ts';

/** Blocks of all logs that are held at once. */
const HELD = 8192;
const PAGE = { least: 16, most: 512 };
/** Heads that moved are told together, within so much recorded time and so many entries. */
const MOVES = { ms: 1000, entries: 64 };
/** Logs with more blocks are not replayed at the end: `nexus audit` does it. */
const MAX_REPLAYED = 300_000;

export interface RecordOptions {
  /** Path of the Node binary; found on the PATH if left out. */
  nodeBinary?: string;
  now?: () => number;
}

/**
 * What the logs in a folder tell of the time when they were written, as a node would have told it: a
 * `snapshot`, every entry in causal order, the jobs that follow from them (`run-route`,
 * `run-failover`, `run-done`, `run-failed`), the audits that follow from the witnesses' cuts
 * (`trust`, `audit-verdict`, …), heads as they grow, and what a replay finds, last. `at` never
 * decreases. At most {@link HELD} blocks, or {@link PAGE}`.least` of each log, are in memory.
 *
 * Jobs of all requesters are told as `run-…`. The logs do not hold why an executor was chosen: there
 * are no candidates.
 * @param folder a home, its own or another's, or the folder `store` of one; it is only read
 * @throws {NexusError} `STORE_MISSING`, `STORE_UNREADABLE`
 */
export async function* recordOf(
  folder: string,
  signal: AbortSignal,
  options: RecordOptions = {},
): AsyncGenerator<WatchEvent, void, void> {
  const now = (options.now ?? Date.now)();
  await using source = await openLogs(folder, signal, options.nodeBinary);
  const states = await source.states();
  const cores = new Map(states.map((state) => [toHex(state.key), new GrowingCore(state, source)]));
  const retelling = new Retelling();
  const audits = new AuditRetelling({
    networks: source.networks,
    me: source.key ?? '',
    read: (core, range) => source.read(core, range),
  });
  const moved = new Set<GrowingCore>();
  let at = 0, movesAt = 0, entries = 0, first = true;
  const moves = function* (): Generator<WatchEvent, void, void> {
    if (moved.size > 0) {
      yield { event: 'cores', at, cores: [...moved].map(({ row }) => ({ ...row })) };
    }
    moved.clear();
    movesAt = at;
    entries = 0;
  };
  for await (const entry of merge(cursors(states, source, signal), now)) {
    signal.throwIfAborted();
    at = entry.at;
    // Logs that nothing is told of yet come as they begin, with their names.
    if (first) yield snapshotOf(source, at, []);
    first = false;
    const core = cores.get(entry.core)!;
    core.take(entry);
    moved.add(core);
    const { owner, log } = core.row;
    const place = { core: entry.core, owner, log, index: entry.index };
    yield { event: 'entry', at, entry: entryRow(place, entry.value) };
    if (entry.record !== null) yield* retelling.take(entry.record, at);
    yield* audits.take(entry, log, at);
    if (at - movesAt >= MOVES.ms || ++entries >= MOVES.entries) yield* moves();
  }
  if (first) yield snapshotOf(source, now, [...cores.values()]);
  yield* retelling.end(at);
  yield* audits.end(at);
  for (const core of cores.values()) if (core.finish()) moved.add(core);
  yield* moves();
  if (states.reduce((sum, { length }) => sum + length, 0) > MAX_REPLAYED) return;
  yield { event: 'findings', at, ...await source.replay(signal) };
}

/** A log as far as the recording has come. */
class GrowingCore {
  readonly row: CoreRow;
  readonly #state: CoreState;

  constructor(state: CoreState, source: LogSource) {
    this.#state = state;
    this.row = {
      key: toHex(state.key),
      owner: null,
      log: null,
      own: false,
      length: 0,
      lag: 0,
      fork: 0,
      bytes: 0,
      treeHash: '',
    };
    this.#own = source.key;
  }

  readonly #own: string | null;

  take({ index, value, record }: Recorded): void {
    const { row } = this;
    row.lag += index - row.length;
    row.length = index + 1;
    row.bytes += value.length;
    if (index !== 0 || record?.type !== 'identity') return;
    row.owner = toHex(record.publicKey);
    row.log = logOf(record, this.#state.key);
    row.own = row.owner === this.#own;
  }

  /** As it is in the end; true if that is news. */
  finish(): boolean {
    const { length, held, fork, bytes, treeHash } = this.#state;
    Object.assign(this.row, { length, lag: length - held, fork, bytes });
    this.row.treeHash = toHex(treeHash);
    return length > 0;
  }
}

function snapshotOf(source: LogSource, at: number, cores: GrowingCore[]): WatchEvent {
  const status: NodeStatus = {
    key: source.key ?? '0'.repeat(64),
    home: source.folder,
    version: '',
    network: { name: '', id: '' },
    mesh: null,
    roles: [],
    peers: 0,
    sessions: 0,
    draining: false,
    startedAt: at,
    pids: { node: 0, engine: null, feeds: null },
    models: [],
    http: null,
  };
  const rows = cores.map(({ row }) => ({ ...row }));
  const nothing = { peers: [], history: [], entries: [], trust: null, ledger: null };
  return { event: 'snapshot', at, status, cores: rows, ...nothing };
}

function cursors(
  states: readonly CoreState[],
  source: LogSource,
  signal: AbortSignal,
): LogCursor[] {
  const page = Math.min(PAGE.most, Math.max(PAGE.least, Math.floor(HELD / states.length)));
  return states.map((state) => ({
    core: toHex(state.key),
    length: state.length,
    entries: entriesOf(state, source, page, signal),
  }));
}

async function* entriesOf(
  { key, length }: CoreState,
  source: LogSource,
  page: number,
  signal: AbortSignal,
): AsyncGenerator<Recorded, void, void> {
  const core = toHex(key);
  for (let start = 0; start < length; start += page) {
    signal.throwIfAborted();
    const end = Math.min(length, start + page);
    for await (const { index, value } of source.read(key, { start, end })) {
      if (value !== null) yield { core, index, value, record: recordIn(value) };
    }
  }
}

function recordIn(value: Uint8Array): LogRecord | null {
  try {
    return decodeRecord(value);
  } catch {
    return null; // its row has the code of what is wrong
  }
}
