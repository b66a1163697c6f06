import type { Finding, JobReport, LogReport, NotHeld } from '../../feeds/replay/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import { auditHome } from '../daemon/mod.ts';

/** Options of {@link replay}. */
export interface ReplayOptions {
  /** Home whose logs are read: its own and those replicated from peers. */
  home?: string;
  /** Keys (hex) of identities or logs; default all. */
  keys?: readonly string[];
  signal?: AbortSignal;
}

/** What the logs tell. Keys and hashes are lower-case hexadecimal. */
export interface Report {
  /** 32 bytes over all below: equal heads give equal digests on every machine. */
  digest: string;
  /** Entries read. */
  entries: number;
  /** Number of identities that the logs belong to. */
  identities: number;
  logs: LogReport[];
  jobs: JobReport[];
  /** Inconsistencies; empty if there is nothing to object to. */
  findings: Finding[];
  /** What cannot be told, since logs of peers are not all here. */
  unresolved: Finding[];
  /** Blocks that are not here: never replicated, or cleared. */
  notHeld: NotHeld[];
}

/**
 * Replays the logs of a home into jobs with their states and every inconsistency, as `nexus audit`
 * does. Needs no network; a node may be running meanwhile.
 *
 * @example
 * ```ts
 * import { replay, run } from './mod.ts';
 *
 * for await (const _ of run('Hello', { model: 'austen-3.7m', maxTokens: 8 }));
 * const report = await replay();
 * for (const { job, state, attempts } of report.jobs) console.log(job, state, attempts.length);
 * if (report.findings.length > 0) throw new Error(report.findings[0]!.detail);
 * ```
 *
 * @throws {NexusError} `STORE_MISSING` if no log was ever written there, `AUDIT_UNKNOWN_KEY` for a key
 * of which no log is here
 */
export async function replay(options: ReplayOptions = {}): Promise<Report> {
  const signal = options.signal ?? new AbortController().signal;
  const jobs: JobReport[] = [], findings: Finding[] = [], unresolved: Finding[] = [];
  const node = Deno.env.get('NEXUS_NODE') || undefined;
  for await (
    const { event, ...fields } of auditHome(options.home, options.keys ?? [], signal, node)
  ) {
    if (event === 'job') jobs.push(fields as unknown as JobReport);
    if (event === 'finding') findings.push(fields as unknown as Finding);
    if (event === 'unresolved') unresolved.push(fields as unknown as Finding);
    if (event !== 'audit') continue;
    const { digest, entries, identities, logs, notHeld } = fields as unknown as Report;
    return { digest, entries, identities, logs, jobs, findings, unresolved, notHeld };
  }
  throw new NexusError('AUDIT_FAILED', 'the replay gave no result');
}
