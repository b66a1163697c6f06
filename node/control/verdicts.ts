/** What an audit of one attempt of a job of this node found. Keys and ids are hexadecimal. */
export interface VerdictRow {
  job: string;
  attempt: number;
  executor: string;
  /** Null where nobody looked at it. */
  auditor: string | null;
  /** `self`: this node read it; `peer`: one that it asked; `network`: one that was drawn. */
  by: 'self' | 'peer' | 'network';
  /** `ok`, `trigger`, `fraud` or `inconclusive`. */
  finding: string;
  /** Why it is inconclusive: a word; else null. */
  why: string | null;
  /** Output positions looked at, and those with another token or byte. */
  positions: number;
  mismatches: number;
  /** Determinism class of the auditor; `exact`: it is the executor's, and proven. */
  class: string | null;
  exact: boolean;
  /** What is objected to, and at which positions of the answer; of many the first. */
  reasons: { kind: string; positions: number[] }[];
  /** From the question to the verdict; null where this node did not ask. */
  ms: number | null;
  /** Milliseconds since 1970. */
  at: number;
}

/** Why this node does not ask an executor. */
export interface DistrustRow {
  /** Identity of the executor. */
  key: string;
  /** `trigger` (a check objected), `contradiction` (its own signatures), `lifetime`, … */
  cause: string;
  /** For people. */
  detail: string;
  /** Job in which it was found, if it was one. */
  job: string | null;
  /** How often. */
  count: number;
  /** Milliseconds since 1970; `until` null: until it is taken back. */
  since: number;
  until: number | null;
}

/** A job of this node, as its own log tells it. */
export interface JobRow {
  job: string;
  /** It measured a peer, and is nobody's prompt. */
  probe: boolean;
  /** When it was first offered: the own clock, milliseconds since 1970. */
  at: number;
  /** Profile id; the model's name where it is known here. */
  profile: string;
  model: string | null;
  /** Of the last attempt: `open` (not settled), `done`, `cancelled`, `failed`. */
  state: string;
  promptTokens: number;
  /** Output tokens, over all attempts. */
  tokens: number;
  /**
   * What was paid for it, and what a slash gave back of that: micro-NCU. Null where nothing costs
   * anything, no cut has settled it yet, or it is not remembered.
   */
  ncu: number | null;
  refunded: number | null;
  attempts: {
    attempt: number;
    executor: string;
    state: string;
    resumeAt: number;
    tokens: number;
    finish: string | null;
    firstTokenMs: number | null;
    totalMs: number | null;
  }[];
  /** What audits found so far, the oldest first. */
  verdicts: VerdictRow[];
}
