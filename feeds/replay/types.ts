import type { FinishReason, LogName, Outcome, VerifyFunction } from '../records/mod.ts';
import type { SignedHead } from '../proof/mod.ts';

/** A log to be replayed, as far as it is known here. */
export interface LogInput {
  /** Key of the core. */
  key: Uint8Array;
  /** Signed length. Blocks beyond it are not looked at. */
  length: number;
  fork: number;
  /** The head that `length` and `fork` come from; null where none could be had. */
  head: SignedHead | null;
}

/** A block as read; `value` is null where it is not held here. */
export interface LogBlock {
  index: number;
  value: Uint8Array | null;
}

/**
 * Which signatures inside the entries are checked.
 *
 * A verified head proves that the log's writer wrote every entry in it, and the log is bound to its
 * identity by block 0. The owner's signature *inside* a `job` or `artifact` is therefore a second
 * proof of the same thing, of use only when the record travels alone.
 *
 * - `all`: those too.
 * - `needed`: those only in logs without a verified head. Of what another party signed, running
 *   digests are checked unless that party's own log holds the very same digest in an `artifact`;
 *   acknowledgements always.
 * - `none`: no entry's signature, for simulations; heads are still checked.
 */
export type SignatureMode = 'all' | 'needed' | 'none';

export interface ReplayOptions {
  /** Checks Ed25519 signatures; by default `verifyEd25519` of the records. */
  verify?: VerifyFunction;
  /** Throws if a head is not signed; by default `verifyHead` of the proofs. */
  verifyHead?: (head: SignedHead) => unknown;
  /** Default `needed`. */
  signatures?: SignatureMode;
}

/** What can be wrong. Stable: programs compare these. */
export type FindingCode =
  | 'head-missing'
  | 'head-invalid'
  | 'fork'
  | 'log-truncated'
  | 'log-shorter-than-seen'
  | 'identity-missing'
  | 'identity-not-held'
  | 'identity-signature'
  | 'identity-mismatch'
  | 'identity-conflict'
  | 'identity-repeated'
  | 'undecodable'
  | 'wrong-log'
  | 'foreign'
  | 'job-signature'
  | 'artifact-signature'
  | 'digest-signature'
  | 'ack-signature'
  | 'job-id'
  | 'job-missing'
  | 'job-not-held'
  | 'artifact-missing'
  | 'artifact-not-held'
  | 'settle-missing'
  | 'duplicate-job'
  | 'duplicate-artifact'
  | 'duplicate-settle'
  | 'offer-mismatch'
  | 'artifact-mismatch'
  | 'executor-mismatch'
  | 'requester-mismatch'
  | 'digest-mismatch'
  | 'count-mismatch'
  | 'tokens-above-max'
  | 'claim-above-artifact'
  | 'settle-below-ack'
  | 'equivocation'
  | 'commit-without-request'
  | 'reveal-without-commit'
  | 'reveal-mismatch'
  | 'duplicate-reveal';

/**
 * Codes that speak of what is not held here, rather than of what is wrong: a peer's log may lag
 * behind, or its owner may have died before it could write, or be gone for good.
 */
export const UNRESOLVED: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'identity-not-held',
  'job-not-held',
  'artifact-not-held',
  'log-shorter-than-seen',
  'settle-missing',
]);

/** One inconsistency. Keys and hashes are lower-case hexadecimal throughout the report. */
export interface Finding {
  code: FindingCode;
  core: string;
  /** Block of the core, or null if it concerns the whole log. */
  index: number | null;
  detail: string;
}

/**
 * - `open`: a job without a trace of work in the logs at hand; it may be running.
 * - `produced`: an artifact, neither settled nor claimed.
 * - `done`, `cancelled`, `failed`: as the requester settled it.
 * - `claimed`: the requester is silent, the executor shows its last acknowledgement.
 * - `orphan`: entries about a job of which no valid `job` entry is at hand.
 */
export type AttemptState = 'open' | 'produced' | Outcome | 'claimed' | 'orphan';

/** One attempt of a job. Times are their writers' claims. */
export interface AttemptReport {
  attempt: number;
  state: AttemptState;
  executor: string | null;
  /** Output tokens: as settled, else as acknowledged, else as the artifact says, else 0. */
  tokens: number;
  /** min(acknowledged or settled, digested or in the artifact): what is to be paid for. */
  payable: number;
  promptTokens: number;
  resumeAt: number;
  finish: FinishReason | null;
  firstTokenMs: number | null;
  totalMs: number | null;
  /** micro-NCU that the artifact asks. */
  ncu: number | null;
  /** When the job was offered, milliseconds since 1970. */
  at: number | null;
}

/** A job with its attempts in order. */
export interface JobReport {
  job: string;
  requester: string | null;
  profile: string | null;
  /** State of the last attempt. */
  state: AttemptState;
  attempts: AttemptReport[];
}

export interface LogReport {
  core: string;
  length: number;
  fork: number;
  /** Tree hash of the verified head; null without one. */
  treeHash: string | null;
  /** Identity that it belongs to; null while unknown. */
  owner: string | null;
  log: LogName | null;
  /** Valid entries. */
  entries: number;
}

/** Blocks `[from, to)` of a core that are not held here: cleared, or never replicated. */
export interface NotHeld {
  core: string;
  from: number;
  to: number;
}

export interface ReplayReport {
  /** 32 bytes over everything below. Equal heads and blocks give equal digests. */
  digest: Uint8Array;
  signatures: SignatureMode;
  /** Blocks read. */
  entries: number;
  identities: { publicKey: string; jobs: string; artifacts: string; attestations: string }[];
  logs: LogReport[];
  jobs: JobReport[];
  /** What is wrong, whatever may still arrive. */
  findings: Finding[];
  /** What cannot be told, since blocks are not here: {@link UNRESOLVED}. */
  unresolved: Finding[];
  notHeld: NotHeld[];
}
