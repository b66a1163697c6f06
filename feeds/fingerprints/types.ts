import type { FiguresRecord, FingerprintRecord, MilliRate } from '../records/mod.ts';
import type { Hex, Place } from '../trust/mod.ts';

/** The rules of a network's file that fingerprints are drawn and combined under; see there. */
export interface PrintRules {
  /** Challengers of one executor, profile and period; 0: none are drawn. */
  printChallengers: number;
  /** Cuts between two draws of one executor and profile, on the average; half of them to measure in. */
  printEveryCuts: number;
  /** Cuts for which a measured class holds. */
  printExpireCuts: number;
  /** Least runs behind a figure. */
  printRuns: number;
  /** How far a claim may lie beyond what was measured, in 10,000. */
  printTolerance: number;
}

/** A whole number that lies between these, ends included, with a confidence in 10,000. */
export interface Interval {
  low: number;
  high: number;
  confidence: number;
}

/** What an executor claims: the figures of its newest `figures` entry. */
export interface Claim
  extends Pick<FiguresRecord, 'prefill' | 'decode' | 'streams' | 'streamRate' | 'context' | 'at'> {
  /** Determinism class of what it runs on: equal ones give equal bits, whatever their speed. */
  backendClass: Hex;
  place: Place;
}

/** What a challenger measured, as far as it is combined. */
export type Measured = Pick<
  FingerprintRecord,
  'runs' | 'prefill' | 'decode' | 'streams' | 'context' | 'contextFailed' | 'raw'
>;

/** Which of the figures. */
export type Figure = 'prefill' | 'decode' | 'streamRate' | 'context';

/**
 * What a machine can do with one profile. Rates in thousandths of a token a second; each interval is
 * made of the medians of what the challengers found, so that fewer than half of them move nothing; of
 * two it is what both found.
 */
export interface SpeedClass {
  /** Prompt tokens a second: compute. */
  prefill: Interval;
  /** Output tokens a second of one job alone: memory bandwidth. */
  decode: Interval;
  /** Jobs at once at which all together are fastest; null where no curve was measured. */
  streams: Interval | null;
  /** Output tokens a second of all together there. */
  streamRate: Interval | null;
  /** Tokens of context: memory. `high` is 2^32 - 1 where nobody found an end. */
  context: Interval;
  /** Medians of the medians: the best single numbers. */
  prefillRate: MilliRate;
  decodeRate: MilliRate;
  /** Of the raw product: what most named, and the median of those. */
  raw: Measured['raw'];
}

/** A class that challengers of the beacon attest. */
export interface Attested extends SpeedClass {
  executor: Hex;
  profile: Hex;
  /** Determinism class in which it was measured. */
  backendClass: Hex;
  /** Beacon that drew the challengers, the cut that concluded, and the last one in which it holds. */
  beacon: number;
  epoch: number;
  until: number;
  /** Challengers whose measurements count, by key. */
  by: readonly Hex[];
  /** Figures of the claim that it contradicts; empty where there is no claim or it holds. */
  contradicted: readonly Contradicted[];
}

/** A claim that does not hold, whatever else the challengers disagree on. */
export interface Refuted {
  executor: Hex;
  profile: Hex;
  /** Determinism class in which it was measured. */
  backendClass: Hex;
  figures: readonly Contradicted[];
  /** The cut that concluded it, and the last one in which it holds, unless a class is attested. */
  epoch: number;
  until: number;
}

/** A claimed figure that lies outside what was measured. */
export interface Contradicted {
  figure: Figure;
  claimed: number;
  low: number;
  high: number;
}

/**
 * `missed`: the challenger let the time pass. `unanswered`: it says that the executor did not answer.
 * `stalled`: jobs that it offered stand in its log, and too few answers in the executor's until the end;
 * whose doing that is nobody can tell.
 */
export type PrintDutyState = 'drawn' | 'attested' | 'unanswered' | 'stalled' | 'missed';

/** One challenger's duty to measure one executor with one profile. */
export interface PrintDuty {
  executor: Hex;
  profile: Hex;
  /** Determinism class that the executor named when it was drawn. */
  backendClass: Hex;
  challenger: Hex;
  /** Epoch whose beacon drew it. */
  beacon: number;
  /** 32 bytes from the beacon: mixed with a secret of the challenger, the plan follows from them. */
  draw: Hex;
  /** Epoch of the last cut in which the `fingerprint` counts. */
  due: number;
  state: PrintDutyState;
  /** Its `fingerprint`. */
  place: Place | null;
}

/** Why no class came of a period. */
export type UnattestedReason =
  /** Too few of those who were drawn said anything. */
  | 'missed'
  /** Most of them got no answer from the executor. */
  | 'unanswered'
  /** The executor gave up the class in which it was to be measured, before most of them had. */
  | 'withdrawn'
  /** Two of them measured it, and what they found does not meet. */
  | 'disagreed'
  /** Nobody else can run the profile. */
  | 'nobody';

/** Why a `figures` or `fingerprint` entry counts for nothing. Stable: programs compare these. */
export type PrintFindingCode =
  | 'print-unknown'
  | 'print-self'
  | 'print-not-drawn'
  | 'print-old-beacon'
  | 'print-twice'
  | 'print-runs'
  /** It names too few jobs that its author offered to that executor since the draw. */
  | 'print-unbacked'
  | 'print-class';

export interface PrintFinding {
  code: PrintFindingCode;
  place: Place;
  /** Whose entry it is. */
  author: Hex;
  detail: string;
}

/** Something that the fold concluded. Their row, cut by cut, is the same for every reader. */
export type PrintEvent =
  | { type: 'claimed'; executor: Hex; profile: Hex; claim: Claim }
  /** A duty was drawn, done or missed. */
  | { type: 'print-duty'; duty: PrintDuty }
  | { type: 'attested'; attested: Attested }
  | {
    type: 'unattested';
    executor: Hex;
    profile: Hex;
    beacon: number;
    reason: UnattestedReason;
    /** Challengers that missed it, and those that got no answer, `stalled` ones among them. */
    missed: readonly Hex[];
    unanswered: readonly Hex[];
  }
  | {
    type: 'claim-contradicted';
    executor: Hex;
    profile: Hex;
    /** The `figures` entry. */
    place: Place;
    figures: readonly Contradicted[];
    /** Challengers, at least two. */
    by: readonly Hex[];
  }
  /** The machine is of another class than the one that was attested before: e.g. throttled. */
  | { type: 'speed-class-changed'; executor: Hex; profile: Hex; figures: readonly Figure[] }
  /** Its time is over, or the executor offers the profile in another determinism class now. */
  | { type: 'speed-class-expired'; executor: Hex; profile: Hex; until: number }
  | { type: 'finding'; finding: PrintFinding };

/** What is known of one executor with one profile. */
export interface PrintRow {
  executor: Hex;
  profile: Hex;
  claim: Claim | null;
  /** Null: none holds. */
  attested: Attested | null;
  /** Null: the claim was not measured, or no two say that it does not hold. */
  refuted: Refuted | null;
  /** Duties of the present period, by challenger. */
  duties: readonly PrintDuty[];
}

/** Where everything stands after a cut. */
export interface PrintView {
  /** Of the newest cut; null before the first. */
  epoch: number | null;
  /** 32 bytes; equal for all who took the same cuts. */
  digest: Hex;
  /** By executor, then profile. */
  rows: readonly PrintRow[];
  /** Challengers' duties of all time: done, missed. */
  challengers: readonly { challenger: Hex; done: number; missed: number }[];
  /** The newest, at most 256, and how many there were. */
  findings: readonly PrintFinding[];
  findingCount: number;
}
