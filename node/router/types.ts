/** How busy an executor is: announced by it, or our own count where that is larger. */
export interface Load {
  /** Jobs that decode now. */
  active: number;
  /** Jobs that wait for a slot. */
  queued: number;
  /** Jobs that decode at once. */
  slots: number;
  /** Jobs that may wait, where that is known. */
  queueLimit?: number;
}

/** An executor that offers the wanted profile, with what is known of it at this moment. */
export interface Candidate {
  /** Identity key, 32 bytes. */
  executor: Uint8Array;
  /** Profile id, 32 bytes. */
  profile: Uint8Array;
  /** Determinism class, 32 bytes; all zero where it is not known. */
  class: Uint8Array;
  /** micro-NCU a token. */
  price: number;
  /** Measured round trip, null before the first measurement. */
  rttMs: number | null;
  load: Load;
  /** The model is in memory. */
  warm: boolean;
  /** Measured by us for this executor and profile; null before. */
  tokensPerSecond: number | null;
  /** Measured by us: start of work to first token; null before. */
  firstTokenMs: number | null;
  /** Recent failures, decayed: 1 is one fresh failure. */
  failures: number;
  /** Share of the prompt, 0 to 1, whose state this executor is thought to hold. */
  prefixAffinity: number;
  /** This very node. */
  isLocal: boolean;
  /** Protocol versions it speaks. */
  versions: readonly number[];
  banned: boolean;
  /** Why its answers are not trusted; null where they are. */
  distrusted?: string | null;
  /** Its standing in the ledger; null or absent where there is none. */
  standing?: Standing | null;
  /** What others say of its speed, or itself; null or absent where nobody does. */
  speed?: Speed | null;
}

/** Speed of an executor with a profile, idle, as it is said. Rates in tokens/s. */
export interface Speed {
  /** By challengers that the beacon drew, or by itself. */
  source: 'attested' | 'claimed';
  prefill: number;
  decode: number;
  /** What it claims was found to be wrong. */
  contradicted: boolean;
}

/** What the ledger says of an executor. */
export interface Standing {
  /** 0 to 1. */
  reputation: number;
  /** Its bond covers what it has earned and what may still turn out to be cheated. */
  covered: boolean;
}

/** A candidate as the node knows it; what was measured of it is added by the router. */
export type Offered = Omit<Candidate, 'tokensPerSecond' | 'firstTokenMs' | 'failures'>;

/** Where a prompt may run. */
export type Where = 'local' | 'mesh' | 'any';

/** What the router needs to know of a job. */
export interface RouteRequest {
  profile: Uint8Array;
  promptTokens: number;
  /** Output tokens that are still to come, at most. */
  maxTokens: number;
  /** micro-NCU a token, at most. */
  priceCap: number;
  where: Where;
  version: number;
  /** Executors (hex) that are not to be asked, with the reason to show. */
  excluded: ReadonlyMap<string, string>;
  /** Class of the attempt before this one; the same class continues the same text. */
  class: Uint8Array | null;
  /** Why nobody but this node can be paid for it; null or absent where somebody can. */
  unpaid?: string | null;
}

/** One component of a score. `ms` adds to the expected time, `x` multiplies it. */
export interface Reason {
  name:
    | 'queue'
    | 'load model'
    | 'first token'
    | 'decode'
    | 'price'
    | 'failures'
    | 'class'
    | 'reputation'
    | 'bond'
    | 'false claim';
  unit: 'ms' | 'x';
  value: number;
  /** Whose word it is; absent where that needs no saying. */
  source?: SpeedSource;
}

/** Attested by drawn challengers, measured here, said by the executor itself, or said by nobody. */
export type SpeedSource = 'attested' | 'measured' | 'claimed' | 'assumed';

/** A candidate that may be asked; lower cost is better. */
export interface Ranked {
  candidate: Candidate;
  /** Expected milliseconds to the end of the answer, times the factors. */
  cost: number;
  /** Probability with which it was drawn in its turn. */
  chance: number;
  reasons: Reason[];
}

export type RejectCode =
  | 'OTHER_PROFILE'
  | 'WHERE'
  | 'BANNED'
  | 'DISTRUSTED'
  | 'EXCLUDED'
  | 'VERSION'
  | 'PRICE'
  | 'NCU_SHORT'
  | 'FULL';

/** A candidate that may not be asked, with the reason. */
export interface Rejected {
  candidate: Candidate;
  code: RejectCode;
  message: string;
}

/** Weights of the router: policy, so they come from outside. */
export interface RouterRules {
  /** Loading a cold model, assumed. */
  coldMs: number;
  /** Time to first token where nothing was measured: a start plus so much a prompt token. */
  firstTokenMs: number;
  promptTokenMs: number;
  /** Decoding where nothing was measured at all. */
  tokensPerSecond: number;
  /** Output tokens that an answer is expected to have. */
  expectedTokens: number;
  /** How much one more active job slows each other one: 0 batches for nothing, 1 shares one core. */
  sharing: number;
  /** Weight of the price against the time: cost is multiplied by 1 + priceWeight * price / cap. */
  priceWeight: number;
  /** Each fresh failure multiplies the cost by 1 + this. */
  failureWeight: number;
  /** Without any reputation the cost is multiplied by 1 + this, with half of it by 1 + half of this. */
  reputationWeight: number;
  /** Whose bond covers no more work costs this many times more: all of it would be audited. */
  uncovered: number;
  /** Whose claims were contradicted costs this many times more. */
  falseClaim: number;
  /** In mid-answer, an executor of another class costs this many times more. */
  otherClass: number;
  /** Draw among those whose cost is at most this many times the best. */
  amongBest: number;
  /** Probability is proportional to cost to the power of minus this. */
  sharpness: number;
}

export const ROUTER_RULES: RouterRules = {
  coldMs: 1500,
  firstTokenMs: 60,
  promptTokenMs: 3.5,
  tokensPerSecond: 40,
  expectedTokens: 160,
  sharing: 0.8,
  priceWeight: 1,
  failureWeight: 2,
  // Newcomers stay within what is drawn among, so that they find work at all.
  reputationWeight: 0.5,
  uncovered: 1.2,
  // More than `amongBest`: it is asked where nobody else is.
  falseClaim: 4,
  otherClass: 4,
  amongBest: 2,
  sharpness: 2,
};
