import type { Finding, VerifyFunction } from '../records/mod.ts';

/** Lower-case hexadecimal of a key or hash. */
export type Hex = string;

/** The rules of a network's file that the fold replays under; see there. */
export interface TrustRules {
  auditors: number;
  panel: number;
  auditRamp: number;
  auditFloor: number;
  auditLeast: number;
  requestCuts: number;
  openCuts: number;
  commitCuts: number;
  revealCuts: number;
  challengeCuts: number;
  readings: number;
  /** In a million. */
  lifetimeAlpha: number;
  maxTokens: number;
}

/** What the fold needs to know of a calibration's table. */
export interface CalibrationFacts {
  profile: Uint8Array;
  executorClass: Uint8Array;
  auditorClass: Uint8Array;
  /** Alternatives of both statistics together: numbers in a verdict's evidence. */
  alternatives: number;
  /**
   * How wide its null is, where it may judge pairs of classes that nobody has measured: of equal ones
   * if its own are equal, else of differing ones. Null, or left out: it judges its own pair alone.
   */
  width?: number | null;
}

/** An identity that certifies cuts. */
export interface WeightOf {
  key: Uint8Array;
  weight: number;
}

export interface TrustOptions {
  /** Id of the network. */
  network: Uint8Array;
  /** Who certifies the first cuts; the weights also count when auditors are drawn (others weigh 1). */
  witnesses: readonly WeightOf[];
  /**
   * Whether an identity that is no witness may show by its reveals that it is there, as of the cut
   * before: who may come to be one. Null or left out: nobody becomes one.
   */
  mayStand?: ((identity: Hex) => boolean) | null;
  rules: TrustRules;
  /**
   * Reads a calibration's table; null where its bounds do not follow from its own samples, or its
   * sample is too small for the network's alpha. Must say the same on every machine.
   */
  readCalibration(table: Uint8Array): CalibrationFacts | null;
  /**
   * Executors of whom everything is audited whatever their record, as of the cut before: where money
   * is at stake that no bond covers. Default: none.
   */
  mustAudit?: (executor: Hex) => boolean;
  /**
   * Whether money was held for an attempt, as of the cut before: what costs nobody anything is no
   * auditor's to read, and no ground for a record. Default: all of them count.
   */
  isFunded?: (subject: Subject) => boolean;
  /** Checks Ed25519 signatures; by default `verifyEd25519` of the records. */
  verify?: VerifyFunction;
}

/** A certified cut, as far as the fold looks at it: `Cut` of the agreement fits. */
export interface TrustCut {
  epoch: number;
  hash: Uint8Array;
  /** Blocks `[from, to)` of each core that it covers and the cut before did not. */
  spans: readonly { core: Uint8Array; from: number; to: number }[];
  /** Who was to certify it; left out: the first witnesses. */
  electorate?: readonly WeightOf[];
  /** Who is to certify cuts some epochs later; null, or left out: no change. */
  seats?: readonly WeightOf[] | null;
}

/** A block that a cut covers. */
export interface TrustEntry {
  core: Uint8Array;
  index: number;
  bytes: Uint8Array;
}

/** Where an entry stands, and the epoch of the cut that covers it. */
export interface Place {
  core: Hex;
  index: number;
  cut: number;
}

/** What is audited: one attempt of a job, named by the entry that commits to its output. */
export interface Subject {
  /** `recordHash` of that entry. */
  id: Hex;
  kind: 'artifact' | 'settle' | 'claim';
  /** Of that entry. */
  place: Place;
  /** Of the `job` entry. */
  offer: Place;
  job: Hex;
  attempt: number;
  requester: Hex;
  executor: Hex;
  profile: Hex;
  /** The executor's determinism class; null where it is not known. */
  class: Hex | null;
  /** Output tokens of this attempt that the entry commits to. */
  tokens: number;
}

/** `missed`: the auditor let a deadline pass; `withheld`: who has the job key did. */
export type DutyState =
  | 'drawn'
  | 'requested'
  | 'withheld'
  | 'opened'
  | 'committed'
  | 'revealed'
  | 'missed';

/** The calibration entry whose scores a verdict's evidence must be made of. */
export interface CalibrationRef {
  /** `recordHash` of the entry: what the reveal cites. */
  hash: Hex;
  place: Place;
  alternatives: number;
}

/** What an auditor revealed. */
export interface Revealed {
  finding: Finding;
  /** Log e-values, units of 1/65536 nat; null where they do not count. */
  evidence: readonly number[] | null;
  positions: number;
  mismatches: number;
  /** The auditor's words: show them sanitised. */
  detail: string;
}

/** One auditor's duty to audit one subject. A new object whenever something of it has changed. */
export interface Duty {
  subject: Subject;
  auditor: Hex;
  /** The auditor's determinism class. */
  class: Hex;
  panel: boolean;
  /** Epoch whose beacon drew it. */
  beacon: number;
  /** 32 bytes from the beacon: `drawOrder` makes of them the order of the audit's positions. */
  draw: Hex;
  /** Output positions of which the reveal must show readings, in this order. */
  readings: readonly number[];
  /** Null: there is none that counts, and the evidence stays empty. */
  calibration: CalibrationRef | null;
  state: DutyState;
  /**
   * Epoch of the last cut in which the next step counts; null at the end, and while a committed one
   * waits for the other auditors of its round.
   */
  due: number | null;
  /**
   * It is committed, and in an earlier cut everybody of its round was, or was too late: reveal now. A
   * reveal before that counts for nothing, since who commits later could copy it.
   */
  mayReveal: boolean;
  request: Place | null;
  /** The first entry that opened it. */
  open: Place | null;
  /** All of them, at most one of each party: the key in one of them may be none. */
  opens: readonly { by: Hex; place: Place }[];
  commit: Place | null;
  reveal: Place | null;
  revealed: Revealed | null;
}
