import type {
  AccountRow,
  AuditorTrustRow,
  AuditRow,
  ChallengeRow,
  CheatRow,
  CoreRow,
  EarningRow,
  ExecutorTrustRow,
  FiguresRow,
  FindingRow,
  FingerprintRow,
  FingerprintRows,
  IntervalRow,
  LedgerFindingRow,
  LedgerRows,
  LoadRow,
  NodeStatus,
  OwnAccountRow,
  PaymentRow,
  PeerRow,
  PriceRow,
  ProofRow,
  ProofRows,
  SlashRow,
  TrustRows,
} from '../../node/control/mod.ts';

/** How the dashboard stands to its node. Times are milliseconds since 1970, here and below. */
export interface Link {
  /** `waiting`: no node was there yet; `away`: it was, and is not. */
  state: 'waiting' | 'live' | 'away' | 'recorded';
  since: number;
  reason: string;
}

/** One component of a router's score: `ms` adds to the expected time, `x` multiplies it. */
export interface Reason {
  name: string;
  unit: string;
  value: number;
  /** Whose word it is: `attested`, `measured`, `claimed`, `assumed`. */
  source?: string;
}

/** An executor that was considered for a job. */
export interface Candidate {
  executor: string;
  where: string;
  /** Expected cost; null where it might not be asked. */
  cost: number | null;
  reasons: Reason[];
  /** Why it might not be asked. */
  refused: string | null;
}

/** A moment in a job's life. */
export interface Step {
  at: number;
  /** `offer`, `queued`, `accepted`, `first token`, `failover`, `artifact`, `receipt`, … */
  name: string;
  detail: string;
  bad: boolean;
}

/** A failure as it was told. */
export interface Failure {
  code: string;
  message: string;
  hint: string | null;
}

/** A job of this machine, or one that it works on for others. */
export interface Job {
  id: string;
  /** It was asked for here; false: for a peer. */
  own: boolean;
  state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed' | 'lost';
  model: string | null;
  executor: string | null;
  requester: string | null;
  where: string | null;
  /** Probability with which the executor was drawn. */
  chance: number | null;
  reasons: Reason[];
  candidates: Candidate[];
  attempt: number;
  /** Place in the executor's queue. */
  position: number | null;
  startedAt: number;
  /** When something was last told of it. */
  at: number;
  endedAt: number | null;
  firstTokenMs: number | null;
  totalMs: number | null;
  /** Output tokens so far. */
  tokens: number;
  promptTokens: number | null;
  /** Tokens a second: the last ones while it runs, over all when it has ended. */
  rate: number | null;
  /** Tokens a second over time, oldest first. Bounded. */
  rates: number[];
  finish: string | null;
  failovers: number;
  steps: Step[];
  /** Path of the receipt. */
  receipt: string | null;
  error: Failure | null;
  warnings: string[];
}

/** A log entry for people. */
export interface Entry {
  core: string;
  owner: string | null;
  log: string | null;
  index: number;
  type: string | null;
  at: number | null;
  job: string | null;
  /** Names and values, in order. Bounded. */
  fields: [name: string, value: string][];
  bytes: number;
  error: string | null;
}

/** What a replay found. */
export interface Findings {
  at: number;
  rows: FindingRow[];
  unresolved: number;
  digest: string;
}

/** Something that happened, as a line. */
export interface Happening {
  at: number;
  event: string;
  text: string;
  bad: boolean;
}

export type Peer = PeerRow;
export type Core = CoreRow;
export type Status = NodeStatus;
export type Load = LoadRow;
export type Trust = TrustRows;
export type Audit = AuditRow;
export type ExecutorTrust = ExecutorTrustRow;
export type AuditorTrust = AuditorTrustRow;
export type Cheat = CheatRow;
/** Proofs of sampling, and one of them. */
export type Proofs = ProofRows;
export type Proof = ProofRow;
export type Ledger = LedgerRows;
export type Account = AccountRow;
export type OwnAccount = OwnAccountRow;
export type MarketPrice = PriceRow;
export type Earning = EarningRow;
export type Payment = PaymentRow;
export type Slash = SlashRow;
export type LedgerFinding = LedgerFindingRow;
export type Fingerprints = FingerprintRows;
export type Fingerprint = FingerprintRow;
export type Figures = FiguresRow;
export type Interval = IntervalRow;
export type Challenge = ChallengeRow;

/** All that a dashboard shows: the fold of a node's events. Maps keep their order of arrival. */
export interface State {
  /** Grows with each event: a reader that saw this version has seen all. */
  version: number;
  link: Link;
  /** Time of the newest event. */
  at: number;
  status: Status | null;
  peers: Map<string, Peer>;
  cores: Map<string, Core>;
  jobs: Map<string, Job>;
  /** Newest last. */
  entries: Entry[];
  happenings: Happening[];
  findings: Findings | null;
  /** Where the audits stand; null in a network without witnesses. */
  trust: Trust | null;
  /** Null in a network without money. */
  ledger: Ledger | null;
  /** Machines and their speed; null where the node tells nothing of them. */
  fingerprints: Fingerprints | null;
  counts: {
    events: number;
    /** Events that could not be understood. */
    skipped: number;
    /** Events that the node could not keep for us. */
    lagged: number;
    /** Jobs that ended, since the dashboard began. */
    done: number;
    failed: number;
    failovers: number;
    tokens: number;
  };
  /** Name of the model that the last prompt of this machine goes to: told before its job has an id. */
  model: string | null;
}

/** What is kept at most. */
export const LIMITS = {
  peers: 4096,
  cores: 16_384,
  jobs: 400,
  entries: 500,
  happenings: 200,
  findings: 500,
  steps: 48,
  rates: 60,
  candidates: 32,
  reasons: 12,
  warnings: 8,
  fields: 24,
  models: 64,
  audits: 400,
  witnesses: 64,
  executors: 256,
  auditors: 256,
  cheats: 64,
  subjects: 64,
  history: 64,
  accounts: 256,
  payments: 64,
  slashes: 64,
  parts: 32,
  fingerprints: 256,
  challenges: 64,
} as const;
