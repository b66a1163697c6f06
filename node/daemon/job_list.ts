import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Feeds, openArchive } from '../../feeds/client/mod.ts';
import {
  decodeRecord,
  type JobRecord,
  type LogRecord,
  type SettleRecord,
} from '../../feeds/records/mod.ts';
import { call, type JobRow } from '../control/mod.ts';
import type { Home } from '../home/mod.ts';
import { ModelStore } from '../models/mod.ts';
import { ProbeBook } from './probe_book.ts';
import { VerdictBook } from './verdicts.ts';

/** Which jobs are wanted: the newest, or those whose id begins so. */
export interface JobQuery {
  limit: number;
  /** First digits of an id, also of a probe's; null: all. */
  start: string | null;
  /** Also the jobs that measured peers. */
  probes: boolean;
}

/** Jobs of one list, at most. */
export const MAX_LISTED = 1000;
/** Blocks read at once, from the newest back. */
const PAGE = 512;

export interface JobSources {
  logs: Pick<Feeds, 'head' | 'read'>;
  /** The own jobs log. */
  core: Uint8Array;
  verdicts: Pick<VerdictBook, 'of'>;
  probes: Pick<ProbeBook, 'has'>;
  store: Pick<ModelStore, 'get'>;
}

/** This node's jobs as requester, the newest first. */
export async function listJobs(
  { logs, core, verdicts, probes, store }: JobSources,
  { limit, start, probes: isAll }: JobQuery,
  signal?: AbortSignal,
): Promise<JobRow[]> {
  const found = new Map<string, (JobRecord | SettleRecord)[]>();
  const { length } = await logs.head(core).catch(empty);
  // Entries of the oldest job may reach back over the page where it was found.
  let spare = 1;
  for (let end = length; end > 0 && (found.size < limit || spare-- > 0); end -= PAGE) {
    signal?.throwIfAborted();
    const page: LogRecord[] = [];
    for await (const { value } of logs.read(core, { start: Math.max(0, end - PAGE), end })) {
      const record = value && recordOf(value);
      if (record !== null) page.push(record);
    }
    for (const record of page.reverse()) {
      if (record.type !== 'job' && record.type !== 'settle') continue;
      const id = toHex(record.job);
      if (start === null ? !isAll && probes.has(id) : !id.startsWith(start)) continue;
      const entries = found.get(id) ?? [];
      entries.unshift(record);
      found.set(id, entries);
    }
  }
  const rows: JobRow[] = [];
  for (const [id, entries] of found) {
    if (rows.length >= limit) break;
    const first = entries.find((entry) => entry.type === 'job');
    if (first === undefined) continue;
    const model = await store.get(first.profile);
    rows.push({
      ...rowOf(id, first, entries, model?.entry.name ?? null, verdicts),
      probe: probes.has(id),
    });
  }
  return rows;
}

function rowOf(
  job: string,
  first: JobRecord,
  entries: readonly (JobRecord | SettleRecord)[],
  model: string | null,
  verdicts: Pick<VerdictBook, 'of'>,
): Omit<JobRow, 'probe'> {
  const attempts = entries.flatMap((offer): JobRow['attempts'] => {
    if (offer.type !== 'job') return [];
    const end = entries.find((entry) =>
      entry.type === 'settle' && entry.attempt === offer.attempt
    ) as SettleRecord | undefined;
    return [{
      attempt: offer.attempt,
      executor: toHex(offer.executor),
      state: end?.outcome ?? 'open',
      resumeAt: offer.resumeAt,
      tokens: end?.tokens ?? 0,
      finish: end?.finish ?? null,
      firstTokenMs: end === undefined || end.tokens === 0 ? null : end.firstTokenMs,
      totalMs: end?.totalMs ?? null,
    }];
  });
  return {
    job,
    at: first.at,
    profile: toHex(first.profile),
    model,
    state: attempts.at(-1)!.state,
    promptTokens: first.promptTokens,
    tokens: attempts.reduce((most, { resumeAt, tokens }) => Math.max(most, resumeAt + tokens), 0),
    ncu: null,
    refunded: null,
    attempts,
    verdicts: verdicts.of(job),
  };
}

/**
 * The jobs of a home: asked of the node that runs on it, else read from its files, which are not
 * changed.
 * @param nodeBinary path of the Node binary; found on the PATH if left out
 */
export async function jobsOfHome(
  { paths, publicKey }: Pick<Home, 'paths'> & { publicKey: Uint8Array },
  query: JobQuery,
  signal: AbortSignal,
  nodeBinary?: string,
): Promise<JobRow[]> {
  try {
    return await call(paths.socket, 'jobs', query, signal) as JobRow[];
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'NODE_NOT_RUNNING') throw thrown;
  }
  const node = nodeBinary === undefined ? {} : { node: nodeBinary };
  await using logs = await openArchive(paths.store, node).catch(none);
  if (logs === null) return [];
  const core = await ownJobs(logs, publicKey);
  if (core === null) return [];
  const verdicts = await VerdictBook.load(paths.verdicts);
  const probes = await ProbeBook.load(paths.fingerprints);
  const store = new ModelStore(paths.home);
  return await listJobs({ logs, core, verdicts, probes, store }, query, signal);
}

async function ownJobs(
  logs: Pick<Feeds, 'cores' | 'read'>,
  publicKey: Uint8Array,
): Promise<Uint8Array | null> {
  for (const core of await logs.cores()) {
    for await (const { value } of logs.read(core, { start: 0, end: 1 })) {
      const record = value && recordOf(value);
      if (record?.type === 'identity' && equalBytes(record.publicKey, publicKey)) {
        return record.jobs;
      }
    }
  }
  return null;
}

/** Null for entries of a later version of this program. */
function recordOf(value: Uint8Array): LogRecord | null {
  try {
    return decodeRecord(value);
  } catch {
    return null;
  }
}

/** A home that has never asked for anything. */
function none(thrown: unknown): null {
  if (thrown instanceof NexusError && thrown.code === 'STORE_MISSING') return null;
  throw thrown;
}

function empty(thrown: unknown): { length: number } {
  if (thrown instanceof NexusError && thrown.code === 'CORE_EMPTY') return { length: 0 };
  throw thrown;
}
