import type { ErrorJson } from '../../feeds/base/mod.ts';
import type { FinishReason } from '../../feeds/records/mod.ts';
import type { JobEnergy } from '../../fingerprint/energy/mod.ts';
import type { Reason } from '../router/mod.ts';
import type { Rate } from './rate.ts';

/** What an executor tells its node. Keys and ids are hex; times milliseconds. */
export type ExecutorEvent =
  | { type: 'refused'; requester: string; error: ErrorJson }
  | { type: 'accepted'; job: string; attempt: number; requester: string; position: number }
  /** How fast it goes, at most twice a second; not told of jobs of this very node. */
  | ({ type: 'rate'; job: string; attempt: number; requester: string } & Rate)
  | {
    type: 'finished';
    job: string;
    attempt: number;
    requester: string;
    executor: string;
    profile: string;
    promptTokens: number;
    tokens: number;
    /** From the offer to the first token; null if none came. */
    firstTokenMs: number | null;
    /** Over the time from first to last token; null for less than two. */
    tokensPerSecond: number | null;
    finish: FinishReason;
    /** What decoding took here; null where it was not counted. */
    energy: JobEnergy | null;
    error: ErrorJson | null;
    settled: boolean;
    claimed: boolean;
    totalMs: number;
    warnings: string[];
  };

/** One executor that was considered, and why it stands where it does. */
export interface Considered {
  executor: string;
  where: 'local' | 'mesh';
  /** Expected cost; null where it may not be asked. */
  cost: number | null;
  reasons: Reason[];
  /** Why it may not be asked; null where it may. */
  refused: { code: string; message: string } | null;
}

/** Bytes of one attempt for a receipt. Indices are in the own `jobs` log. */
export interface AttemptReceipt {
  job: Uint8Array;
  artifact: Uint8Array | null;
  settle: Uint8Array | null;
  /** Null if the entry could not be written; `done.warnings` says why. */
  jobIndex: number | null;
  settleIndex: number | null;
  /** Where this attempt begins in the output. */
  resumeAt: number;
  /** Determinism class that the executor named; null if it never did. */
  class: Uint8Array | null;
}

/** What a receipt is made of. */
export interface ReceiptParts {
  /** The attempts that somebody took, in order; the last one ended the answer. */
  attempts: AttemptReceipt[];
  /** 32 secret bytes, 32-byte nonce and the tokens: with them the text can be checked. */
  jobKey: Uint8Array;
  nonce: Uint8Array;
  prompt: number[];
  /** Output ids of the whole answer, and one artifact byte each: as many as were settled. */
  output: number[];
  bytes: Uint8Array;
  stops: string[];
}

/** What a requester is told while its job runs. Keys and ids are hex. */
export type JobEvent =
  | {
    type: 'route';
    job: string;
    attempt: number;
    executor: string;
    where: 'local' | 'mesh';
    /** Probability with which it was drawn. */
    chance: number;
    reasons: Reason[];
    candidates: Considered[];
  }
  /** The executor said no, or could not be reached, before any work. */
  | { type: 'refused'; attempt: number; executor: string; error: ErrorJson }
  | { type: 'queued'; attempt: number; executor: string; position: number }
  /** `position` of the first id in the whole answer; the last event may carry text only. */
  | { type: 'token'; text: string; ids: number[]; position: number }
  | {
    type: 'failover';
    from: string;
    /** The executor that goes on, null if nobody is known yet. */
    to: string | null;
    cause: ErrorJson;
    /** Output tokens that are already there. */
    tokens: number;
  }
  | {
    type: 'done';
    job: string;
    text: string;
    finish: FinishReason;
    promptTokens: number;
    outputTokens: number;
    /** Executor of the last attempt; null if nobody had it when it was cancelled. */
    executor: string | null;
    /** Attempts that were accepted. */
    attempts: number;
    /** From the call to the first token; null if none came. */
    firstTokenMs: number | null;
    totalMs: number;
    /** Over the time from first to last token; null for less than two. */
    tokensPerSecond: number | null;
    /** What executors are to be paid for it, micro-NCU; null where nothing costs anything. */
    ncu: number | null;
    receipt: ReceiptParts | null;
    warnings: string[];
  };
