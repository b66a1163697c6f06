import type { Duty, Hex, Place, Subject } from './types.ts';

/**
 * How the audit of a subject ended. `suspect`: a majority of the panel found something; that alone
 * accuses nobody. `withheld`: no auditor got the key.
 */
export type SubjectOutcome = 'ok' | 'suspect' | 'withheld' | 'inconclusive';

/** An executor that is proven a cheat by its lifetime test. */
export interface ProvenCheat {
  executor: Hex;
  /** Epoch of the cut that proved it. */
  epoch: number;
  profile: Hex;
  /** Log of the e-value less the share of its process, units of 1/65536 nat, and the limit. */
  log: number;
  limit: number;
  /** Subjects whose evidence spoke against it, newest last, at most 1024. */
  subjects: readonly Hex[];
}

/** An executor's record over all cuts. */
export interface ExecutorTrust {
  executor: Hex;
  /** Attempts seen, and those whose audit came to an end with a verdict. */
  subjects: number;
  audited: number;
  /** Audits that found nothing since the last that did, or was withheld. */
  clean: number;
  suspect: number;
  withheld: number;
  /** Attempts that it planted itself, as a witness: nothing of them counts above but `subjects`. */
  planted: number;
  /** Chance of its next attempt to be audited, in 10,000, not counting the rule for quiet times. */
  rate: number;
  /** Log of the e-value, units of 1/65536 nat: the highest of its processes, less their shares. */
  log: number;
  /** `[epoch, log]` after each epoch with evidence, oldest first, at most 256. */
  history: readonly (readonly [number, number])[];
  proven: ProvenCheat | null;
}

/** An auditor's record over all cuts. */
export interface AuditorTrust {
  auditor: Hex;
  /** Duties that are not over, revealed, and not done in time. */
  owed: number;
  done: number;
  missed: number;
  /** Verdicts whose readings or finding stood against those of the majority. */
  against: number;
  /** Audits in which its readings were compared, and those where one other alone read otherwise. */
  compared: number;
  disputed: number;
  /** Commitments or salts that were another's before. */
  copied: number;
  /** Planted jobs that it judged with ok, trigger or fraud, and those that it judged wrongly. */
  canaries: number;
  wrong: number;
}

/** Why an entry, or a part of it, counts for nothing. */
export interface TrustFinding {
  code: TrustFindingCode;
  place: Place;
  detail: string;
}

export type TrustFindingCode =
  | 'identity'
  | 'undecodable'
  | 'wrong-log'
  | 'job'
  | 'subject'
  | 'subject-late'
  | 'beacon-chain'
  | 'beacon-reveal'
  | 'calibration'
  | 'request'
  | 'open'
  | 'commit'
  | 'reveal'
  | 'reveal-without-commit'
  | 'unknown-subject'
  | 'duplicate'
  | 'evidence'
  | 'readings'
  | 'canary';

/** Something that the fold concluded. Their row, cut by cut, is the same for every reader. */
export type TrustEvent =
  | { type: 'beacon'; epoch: number; value: Hex | null; missed: readonly Hex[] }
  /** A subject was looked at with a beacon: drawn for an audit or not. */
  | { type: 'subject'; subject: Subject; beacon: number; rate: number; audited: boolean }
  /** A duty was drawn, or one of its steps stands in a cut, or a deadline has passed. */
  | { type: 'duty'; duty: Duty }
  | { type: 'panel'; subject: Hex; why: 'trigger' | 'disagreement'; auditors: readonly Hex[] }
  | {
    type: 'closed';
    subject: Subject;
    outcome: SubjectOutcome;
    /** `too few auditors`, …; empty where the outcome says it all. */
    reason: string;
    /** An auditor found `fraud`: who is entitled checks its evidence. */
    fraudClaimed: boolean;
  }
  | { type: 'evidence'; executor: Hex; epoch: number; log: number; subjects: readonly Hex[] }
  | { type: 'proven'; cheat: ProvenCheat }
  | {
    type: 'auditor';
    auditor: Hex;
    subject: Hex;
    fault: 'readings' | 'finding' | 'copied' | 'canary';
  }
  | {
    type: 'canary';
    author: Hex;
    subject: Hex;
    honest: boolean;
    /** Its auditors are judged by it. */
    counted: boolean;
    /** It is taken out of its executor's record. */
    excused: boolean;
    /** Auditors that judged it wrongly; empty where it does not count. */
    wrong: readonly Hex[];
  }
  | { type: 'finding'; finding: TrustFinding };

/** Where everything stands after a cut. */
export interface TrustView {
  /** Of the newest cut; null before the first. */
  epoch: number | null;
  /** 32 bytes; equal for all who took the same cuts. */
  digest: Hex;
  /** Newest beacon. */
  beacon: { epoch: number; value: Hex } | null;
  /** Beacon reveals that witnesses owed and did not give: by witness. */
  missedReveals: ReadonlyMap<Hex, number>;
  /** Subjects that wait for a beacon. */
  waiting: number;
  /** Duties of the subjects within the challenge window, oldest first. */
  duties: readonly Duty[];
  executors: readonly ExecutorTrust[];
  auditors: readonly AuditorTrust[];
  cheats: readonly ProvenCheat[];
  /** The newest, at most 256, and how many there were. */
  findings: readonly TrustFinding[];
  findingCount: number;
}
