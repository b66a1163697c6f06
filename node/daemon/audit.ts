import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Feeds, openArchive, type SignedHead } from '../../feeds/client/mod.ts';
import { decodeRecord } from '../../feeds/records/mod.ts';
import { createReplay, type LogBlock, type ReplayReport } from '../../feeds/replay/mod.ts';
import { streamCall } from '../control/mod.ts';
import { pathsOf } from '../home/mod.ts';
import type { Replayed } from '../watch/mod.ts';

/** One step of a report: `job`, `finding`, or `audit` at the end. */
export type AuditEvent = { event: string } & Record<string, unknown>;

/** Blocks handed to the replay at once. */
const BATCH = 2000;
/** The same where answers are written meanwhile. */
const SMALL_BATCH = 100;
/** A peer's log that does not come within this is replayed as far as it is here. */
const UPDATE_MS = 1000;

/** Logs as they are read, whether a node writes them or not. */
type Logs = Pick<Feeds, 'cores' | 'head' | 'read'>;

/** As {@link auditLogs}, with the newest entries of connected peers. */
export async function auditLive(
  feeds: Feeds,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<ReplayReport> {
  await updated(feeds, await feeds.cores());
  return await auditLogs(feeds, wanted, signal);
}

/**
 * Replays logs: a node's own, and those that it has from peers.
 * @param wanted keys (hex) of identities or cores; empty: all
 * @throws {NexusError} `AUDIT_UNKNOWN_KEY` for a key of which no log is here
 */
async function auditLogs(
  feeds: Logs,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<ReplayReport> {
  const found = new Set<string>();
  const cores: Uint8Array[] = [];
  for (const core of await feeds.cores()) {
    if (wanted.length === 0 || await isWanted(feeds, core, wanted, found)) cores.push(core);
  }
  const report = await replayLogs(feeds, await headsOf(feeds, cores), signal, BATCH);
  const missing = wanted.find((key) => !found.has(key));
  if (missing !== undefined) {
    throw new NexusError('AUDIT_UNKNOWN_KEY', `no log of ${missing} is here`, {
      hint: 'logs are replicated from connected peers: see `nexus peers`',
    });
  }
  return report;
}

/** Replays all logs as they are here now, beside other work: what dashboards show. */
export async function replayHeld(
  feeds: Logs,
  signal: AbortSignal,
): Promise<Replayed> {
  const heads = await headsOf(feeds, await feeds.cores());
  const { findings, unresolved, digest } = await replayLogs(feeds, heads, signal, SMALL_BATCH);
  return { findings, unresolved: unresolved.length, digest: toHex(digest) };
}

/** @param heads all taken before: what is written while the logs are read is the next replay's */
async function replayLogs(
  feeds: Pick<Feeds, 'read'>,
  heads: readonly SignedHead[],
  signal: AbortSignal,
  size: number,
): Promise<ReplayReport> {
  const replay = createReplay();
  for (const head of heads) {
    signal.throwIfAborted();
    const log = { key: head.key, length: head.length, fork: head.fork, head };
    let batch: LogBlock[] = [];
    for await (const block of feeds.read(head.key, { end: head.length, signal })) {
      batch.push(block);
      if (batch.length < size) continue;
      await replay.add(log, batch);
      batch = [];
    }
    await replay.add(log, batch);
  }
  return await replay.finish();
}

/** Connected peers are asked for their newest entries, so that no log lags behind. */
async function updated(feeds: Feeds, cores: readonly Uint8Array[]): Promise<void> {
  const alone = (await feeds.peers().catch(() => [])).length === 0;
  if (alone) return;
  await Promise.all(
    cores.map((core) => feeds.update(core, AbortSignal.timeout(UPDATE_MS)).catch(() => {})),
  );
}

/** Newest heads of logs, of those that have any. */
async function headsOf(
  feeds: Pick<Feeds, 'head'>,
  cores: readonly Uint8Array[],
): Promise<SignedHead[]> {
  const heads = await Promise.all(cores.map((core) => feeds.head(core).catch(emptyLog)));
  return heads.filter((head) => head !== null);
}

/** A report as events: each job, each finding, and the whole at the end. */
export function* auditEvents(report: ReplayReport): Generator<AuditEvent> {
  for (const job of report.jobs) yield { event: 'job', ...job };
  for (const finding of report.findings) yield { event: 'finding', ...finding };
  for (const finding of report.unresolved) yield { event: 'unresolved', ...finding };
  const { digest, entries, logs, identities, notHeld, signatures } = report;
  yield {
    event: 'audit',
    digest: toHex(digest),
    entries,
    signatures,
    identities: identities.length,
    logs,
    jobs: report.jobs.length,
    findings: report.findings.length,
    unresolved: report.unresolved.length,
    notHeld,
  };
}

/**
 * Replays the logs of a home, or of a bare store, as events: through the node that runs on it, else
 * from the files, which are only read. A copy will do, and whose it is does not matter.
 * @param path of the home or store; absent: the default home
 * @param keys (hex) of identities or cores; empty: all
 * @param nodeBinary path of the Node binary; found on the PATH if left out
 * @throws {NexusError} `AUDIT_UNKNOWN_KEY`, `STORE_MISSING`, `STORE_UNREADABLE`
 */
export async function* auditHome(
  path: string | undefined,
  keys: readonly string[],
  signal: AbortSignal,
  nodeBinary?: string,
): AsyncGenerator<AuditEvent, void, void> {
  const paths = pathsOf(path);
  const isStore = existsSync(join(paths.home, 'CORESTORE'));
  if (!isStore && (yield* auditThroughNode(paths.socket, keys, signal))) return;
  const node = nodeBinary === undefined ? {} : { node: nodeBinary };
  await using logs = await openArchive(isStore ? paths.home : paths.store, node);
  yield* auditEvents(await auditLogs(logs, keys, signal));
}

/** False if no node runs there. */
async function* auditThroughNode(
  socket: string,
  keys: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<AuditEvent, boolean, void> {
  try {
    for await (const event of streamCall(socket, 'audit', { keys }, signal)) {
      yield event as AuditEvent;
    }
    return true;
  } catch (thrown) {
    if (thrown instanceof NexusError && thrown.code === 'NODE_NOT_RUNNING') return false;
    throw thrown;
  }
}

async function isWanted(
  feeds: Logs,
  core: Uint8Array,
  wanted: readonly string[],
  found: Set<string>,
): Promise<boolean> {
  const names = [toHex(core)];
  for await (const { value } of feeds.read(core, { start: 0, end: 1 })) {
    const owner = value === null ? null : ownerOf(value);
    if (owner !== null) names.push(toHex(owner));
  }
  const hits = wanted.filter((key) => names.includes(key));
  for (const key of hits) found.add(key);
  return hits.length > 0;
}

/** The identity that a first block names; the replay checks that it is right. */
function ownerOf(block: Uint8Array): Uint8Array | null {
  try {
    const record = decodeRecord(block);
    return record.type === 'identity' ? record.publicKey : null;
  } catch {
    return null;
  }
}

function emptyLog(thrown: unknown): null {
  if (thrown instanceof NexusError && thrown.code === 'CORE_EMPTY') return null;
  throw thrown;
}
