import type { Spread, StreamSpread } from '../../feeds/records/mod.ts';

/** What bounds a plan: the profile, the network's rules and what the executor claims. */
export interface WorkBounds {
  /** Tokens of context of the profile's sessions. */
  contextSize: number;
  /** Of the network: tokens of a prompt and of an answer, at most. */
  maxPromptTokens: number;
  maxTokens: number;
  /** What the executor claims: it decides how long the jobs are, so that each takes some 0.2 s. */
  claim: { prefill: number; decode: number; streams: number; context: number } | null;
  /** Least runs of each figure; a warm-up comes before them, and some to spare for what fails. */
  runs: number;
  /** Leave the curve and the context out: some seconds in all. */
  quick?: boolean;
}

/** What a job of the plan is for. `short` and `long` come in pairs. */
export type JobRole = 'short' | 'long' | 'stream' | 'context';

/** One job: an ordinary one, of this many tokens. */
export interface PlannedJob {
  role: JobRole;
  /** 32 bytes: the job's nonce, and what its prompt is made of. */
  nonce: Uint8Array;
  /** Prompt tokens to aim at: what counts is how many there were. */
  promptTokens: number;
  /** Output tokens, at most. */
  maxTokens: number;
}

/** Jobs that are sent at one moment; the next step begins when all of them are over. */
export interface PlannedStep {
  /** Number of the run; those of run 0 warm up and count for nothing. */
  run: number;
  jobs: readonly PlannedJob[];
}

export interface WorkPlan {
  runs: number;
  /** In the order in which they are to be done: drawn, but the warm-up first. */
  steps: readonly PlannedStep[];
}

/** How one job went, by the challenger's clock (milliseconds, from any moment on). */
export interface JobTiming {
  /** Its artifact agrees with what came and passed the audit's checks. Nothing else counts. */
  verified: boolean;
  promptTokens: number;
  /** Output tokens that came. */
  tokens: number;
  /** When the offer was sent, and when its first and last token came. */
  sentAt: number;
  firstAt: number;
  lastAt: number;
  /** The executor refused or broke off because the context is too long for it. */
  tooLong?: boolean;
}

/** Times of one step's jobs, in the plan's order; null: it came to nothing. */
export type StepTiming = readonly (JobTiming | null)[];

/** What the plan's times say: fields of a `fingerprint`. */
export interface WorkFigures {
  /** Verified runs behind prefill and decode; 0: too few of them were, and the rest says nothing. */
  runs: number;
  prefill: Spread;
  decode: Spread;
  streams: StreamSpread[];
  context: number;
  contextFailed: number;
  /** Jobs whose answer was not verified or never came. */
  failed: number;
  /** False: two prompt lengths took too similar times for a rate; the interval is without end. */
  isPrefillResolved: boolean;
}
