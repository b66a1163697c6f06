import type { ProofRows } from './proof_rows.ts';

/** How far an audit is. `withheld`: the key did not come in time; `missed`: the auditor did nothing. */
export type AuditState =
  | 'drawn'
  | 'requested'
  | 'withheld'
  | 'opened'
  | 'committed'
  | 'revealed'
  | 'missed';

/** One auditor's duty to check one answer. Keys and hashes are hexadecimal. */
export interface AuditRow {
  /** Hash of the entry that is audited. */
  subject: string;
  job: string;
  attempt: number;
  executor: string;
  auditor: string;
  /** It is this node's duty. */
  own: boolean;
  /** Drawn after a trigger. */
  panel: boolean;
  state: AuditState;
  /** Epoch whose beacon drew it. */
  epoch: number;
  /** Epoch of the last cut in which the next step counts; null where there is none. */
  due: number | null;
  /** `ok`, `trigger`, `fraud`, `inconclusive`; null before it is revealed. */
  finding: string | null;
  /** Output positions looked at, and those with another token; null before it is revealed. */
  positions: number | null;
  mismatches: number | null;
  /** The auditor's words: show them sanitised. */
  detail: string;
}

/** An executor's record over all cuts. */
export interface ExecutorTrustRow {
  key: string;
  /** Attempts seen, and those whose audit ended with a verdict. */
  subjects: number;
  audited: number;
  /** Audits that found nothing since the last that did; those whose panel found something. */
  clean: number;
  suspect: number;
  /** Answers whose key nobody got. */
  withheld: number;
  /** Answers that it planted itself, as a witness: they count as `subjects` alone. */
  planted: number;
  /** Chance of its next answer to be audited, 0 to 1. */
  rate: number;
  /** Log of its lifetime test's e-value, nats: it grows with evidence of cheating. */
  log: number;
  /** The same after each of the last epochs with evidence, oldest first. Bounded. */
  history: { epoch: number; log: number }[];
  /** From here on it is proven, nats. */
  limit: number;
  proven: boolean;
}

/** An auditor's record over all cuts. */
export interface AuditorTrustRow {
  key: string;
  /** Duties that are not over, done and not done in time. */
  owed: number;
  done: number;
  missed: number;
  /** Verdicts that stood against the majority's, and those that were another's before. */
  against: number;
  copied: number;
  /** Planted jobs that it judged, and those that it judged wrongly. */
  canaries: number;
  wrong: number;
}

/** A cheat that everybody finds proven. */
export interface CheatRow {
  executor: string;
  /** `lifetime` (the test over all its audits), `contradiction` (its own signatures), … */
  cause: string;
  /** Epoch of the cut that proved it; null where it was proven outside the cuts. */
  epoch: number | null;
  /** Log of the e-value then, nats; null where another thing proves it. */
  log: number | null;
  /** Hashes of the audited entries that speak against it, newest last. Bounded. */
  subjects: string[];
  detail: string;
}

/** Where the audits of a network with witnesses stand, as this node folds them. */
export interface TrustRows {
  /** Newest certified cut that is folded; null before the first. */
  epoch: number | null;
  /** Equal on all nodes that have folded the same cuts. */
  digest: string;
  /** This node's own duties: not over, done, not done in time. */
  owed: number;
  done: number;
  missed: number;
  /** The newest, the newest last; those of this node are kept longest. Bounded. */
  audits: AuditRow[];
  executors: ExecutorTrustRow[];
  auditors: AuditorTrustRow[];
  cheats: CheatRow[];
  /** Proofs of sampling; null where the network asks for none. */
  proofs: ProofRows | null;
  /** Why nothing goes on, for people; null where it does. */
  note: string | null;
}
