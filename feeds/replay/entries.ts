import type {
  ArtifactRecord,
  ClaimRecord,
  FinishReason,
  JobRecord,
  LogRecord,
  Outcome,
  SettleRecord,
} from '../records/mod.ts';
import { type Key, keyOf } from './keys.ts';
import type { Log } from './log.ts';

/** Where an entry stands, and which attempt of a job it is about. */
export interface Place {
  log: Log;
  index: number;
  attempt: number;
}

/** What the fold keeps of a `job`: a tenth of the record. */
export interface JobEntry extends Place {
  type: 'job';
  hash: Key;
  requester: Key;
  executor: Key;
  profile: Key;
  promptTokens: number;
  resumeAt: number;
  maxTokens: number;
  at: number;
}

export interface ArtifactEntry extends Place {
  type: 'artifact';
  hash: Key;
  offer: Key;
  root: Key;
  executor: Key;
  promptTokens: number;
  resumeAt: number;
  tokens: number;
  finish: FinishReason;
  firstTokenMs: number;
  totalMs: number;
  ncu: number;
}

export interface SettleEntry extends Place {
  type: 'settle';
  executor: Key;
  outcome: Outcome;
  finish: FinishReason;
  tokens: number;
  artifact: Key | null;
  /** `valid`: null until its signature was checked or found needless. */
  digest: { tokens: number; digest: Key; signature: Key; valid: boolean | null } | null;
  firstTokenMs: number;
  totalMs: number;
}

export interface ClaimEntry extends Place {
  type: 'claim';
  requester: Key;
  tokens: number;
  valid: boolean;
}

/** What belongs to an attempt. */
export type Entry = JobEntry | ArtifactEntry | SettleEntry | ClaimEntry;

/** Repeated keys share one string. */
export type Intern = (bytes: Uint8Array) => Key;

/** Condenses a record; `hash` is the record's own. */
export function jobEntry(r: JobRecord, hash: Uint8Array, place: Place, intern: Intern): JobEntry {
  return {
    type: 'job',
    log: place.log,
    index: place.index,
    attempt: place.attempt,
    hash: keyOf(hash),
    requester: intern(r.requester),
    executor: intern(r.executor),
    profile: intern(r.profile),
    promptTokens: r.promptTokens,
    resumeAt: r.resumeAt,
    maxTokens: r.sampling.maxTokens,
    at: r.at,
  };
}

export function artifactEntry(
  r: ArtifactRecord,
  hash: Uint8Array,
  place: Place,
  intern: Intern,
): ArtifactEntry {
  return {
    type: 'artifact',
    log: place.log,
    index: place.index,
    attempt: place.attempt,
    hash: keyOf(hash),
    offer: keyOf(r.offer),
    root: keyOf(r.root),
    executor: intern(r.executor),
    promptTokens: r.promptTokens,
    resumeAt: r.resumeAt,
    tokens: r.tokens,
    finish: r.finish,
    firstTokenMs: r.firstTokenMs,
    totalMs: r.totalMs,
    ncu: r.ncu,
  };
}

export function settleEntry(r: SettleRecord, place: Place, intern: Intern): SettleEntry {
  const digest = r.digest === null ? null : {
    tokens: r.digest.tokens,
    digest: keyOf(r.digest.digest),
    // A string: a view would keep the whole block alive, and a copy weighs three times as much.
    signature: keyOf(r.digest.signature),
    valid: null,
  };
  return {
    type: 'settle',
    log: place.log,
    index: place.index,
    attempt: place.attempt,
    executor: intern(r.executor),
    outcome: r.outcome,
    finish: r.finish,
    tokens: r.tokens,
    artifact: r.artifact === null ? null : keyOf(r.artifact),
    digest,
    firstTokenMs: r.firstTokenMs,
    totalMs: r.totalMs,
  };
}

export function claimEntry(r: ClaimRecord, place: Place, intern: Intern): ClaimEntry {
  return {
    type: 'claim',
    log: place.log,
    index: place.index,
    attempt: place.attempt,
    requester: intern(r.requester),
    tokens: r.ack.tokens,
    valid: true,
  };
}

/** The entries of a job, those of each attempt together, the first attempt first. */
export function byAttempt(entries: Entry[]): Entry[][] {
  const { attempt } = entries[0]!;
  if (entries.every((entry) => entry.attempt === attempt)) return [entries];
  const attempts = new Map<number, Entry[]>();
  for (const entry of entries) {
    const known = attempts.get(entry.attempt);
    if (known === undefined) attempts.set(entry.attempt, [entry]);
    else known.push(entry);
  }
  return [...attempts.keys()].sort((a, b) => a - b).map((one) => attempts.get(one)!);
}

export type WorkRecord = JobRecord | SettleRecord | ArtifactRecord | ClaimRecord;

const WORK: ReadonlySet<string> = new Set<WorkRecord['type']>([
  'job',
  'settle',
  'artifact',
  'claim',
]);

export function isAboutWork(record: LogRecord): record is WorkRecord {
  return WORK.has(record.type);
}
