import type { JobRecord } from '../records/mod.ts';
import type { Hex, Place, Subject, SubjectOutcome } from '../trust/mod.ts';
import type { MicroNcu, Payment } from './types.ts';

/** An executor's signature under another digest than its artifact's, as far as that is known. */
export interface Digest {
  /** Of the entry that shows it. */
  place: Place;
  tokens: number;
  digest: Hex;
  signature: Hex;
}

/**
 * One attempt of a job and its money, from the offer until nobody may challenge it any more. Plain
 * data.
 */
export interface Attempt {
  /** Attempts are looked at in the order in which they came. */
  seq: number;
  job: Hex;
  attempt: number;
  requester: Hex;
  executor: Hex;
  profile: Hex;
  /** Epoch of the cut that covers the offer. */
  offered: number;
  promptTokens: number;
  resumeAt: number;
  /** Output tokens that it may have. */
  most: number;
  priceCap: MicroNcu;
  /** What is still held of its requester: the whole, then the fee until the payment is free. */
  escrow: MicroNcu;
  /** `open` until it is paid or all is returned; `over`: nothing can come of it any more. */
  state: 'open' | 'paid' | 'over';
  /** Output tokens that its executor committed to. */
  digested: number | null;
  /** Root of its artifact, and hash of the offer that it answers; null where they prove nothing more. */
  root: Hex | null;
  offer: Hex | null;
  /** Price of a token that its artifact asks; null without one. */
  asked: MicroNcu | null;
  /** Milliseconds that its executor says it took. */
  workedMs: number;
  /** Output tokens that its requester says it received. */
  settled: number | null;
  digest: Digest | null;
  /** Output tokens that its requester signed for, as the executor's claim shows. */
  acked: number | null;
  claimed: boolean;
  payment: Payment | null;
  /** What it counts for in its executor's unsettled earnings. */
  exposed: MicroNcu;
  /** Output tokens of the subject that trust made of it; null: none so far. */
  audited: number | null;
  /** What entry it is. */
  kind: Subject['kind'] | null;
  /** Chance of the audit when it was drawn, of 10,000. */
  rate: number;
  /** Null: it was not drawn. */
  audit: 'open' | SubjectOutcome | null;
  /** Next cut at whose end something is to be done; null: an audit is waited for. */
  due: number | null;
}

export function keyOf(job: Hex, attempt: number): string {
  return attempt === 0 ? job : `${job}:${attempt}`;
}

/** The attempt that a requester's own `job` entry offers. */
export function attemptOf(
  record: JobRecord,
  known: Pick<
    Attempt,
    'seq' | 'job' | 'requester' | 'executor' | 'profile' | 'offered' | 'escrow' | 'due'
  >,
): Attempt {
  const { promptTokens, resumeAt, sampling, priceCap } = record;
  const { seq, job, requester, executor, profile, offered, escrow, due } = known;
  return {
    seq,
    job,
    attempt: record.attempt,
    requester,
    executor,
    profile,
    offered,
    promptTokens,
    resumeAt,
    most: Math.max(0, sampling.maxTokens - resumeAt),
    priceCap,
    escrow,
    state: 'open',
    digested: null,
    root: null,
    offer: null,
    asked: null,
    workedMs: 0,
    settled: null,
    digest: null,
    acked: null,
    claimed: false,
    payment: null,
    exposed: 0,
    audited: null,
    kind: null,
    rate: 10_000,
    audit: null,
    due,
  };
}
