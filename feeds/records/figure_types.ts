import type { Bytes32 } from './types.ts';

/** Thousandths of a token a second. */
export type MilliRate = number;

/** Log `artifacts`: what an executor claims of one profile on its machine. Never believed as such. */
export interface FiguresRecord {
  type: 'figures';
  network: Bytes32;
  profile: Bytes32;
  /** Determinism class in which it runs the profile. */
  class: Bytes32;
  /** Prompt tokens of one job read, and output tokens of one job written, each alone on the machine. */
  prefill: MilliRate;
  decode: MilliRate;
  /** Jobs at once at which the output of all together is greatest, and that output. */
  streams: number;
  streamRate: MilliRate;
  /** Tokens of context that one job may fill. */
  context: number;
  at: number;
}

/** Runs of one figure: their median, how far they lie from it, and where the true median lies. */
export interface Spread {
  median: MilliRate;
  /** Median absolute deviation. */
  mad: MilliRate;
  /** Distribution-free interval of the true median: two of the runs, by their order. */
  low: MilliRate;
  high: MilliRate;
}

/** Output of all jobs together while so many run at once. */
export interface StreamSpread extends Spread {
  streams: number;
}

/** What computed a matrix product of the raw probe. `none`: it was not asked, or gave no answer. */
export type RawBackend = 'gpu' | 'cpu' | 'none';

/** Log `attestations`, by a challenger that the beacon drew: what it measured with its own clock. */
export interface FingerprintRecord {
  type: 'fingerprint';
  network: Bytes32;
  executor: Bytes32;
  profile: Bytes32;
  /** Determinism class that the executor named. */
  class: Bytes32;
  /** Epoch of the beacon that drew the challenger. */
  beacon: number;
  /** Runs behind each figure, warm-up not counted; 0: the executor gave no verified answer. */
  runs: number;
  prefill: Spread;
  decode: Spread;
  /** The curve, by growing number of jobs; one that is alone among them. */
  streams: StreamSpread[];
  /** Longest context that was filled and verified; least that was asked for and failed, or 0. */
  context: number;
  contextFailed: number;
  raw: {
    backend: RawBackend;
    /** Million operations (multiply and add modulo a prime) a second. */
    rate: number;
    /** MiB that the product filled. */
    memory: number;
  };
  /**
   * Ids of verified jobs that the challenger sent for it. They stand in its own log, and what answered
   * them in the executor's: who copies another's figures has none.
   */
  jobs: Bytes32[];
  /** Micro-benchmarks: whole numbers whose meaning their program's version gives. */
  features: number[];
  /** Hash over nonces, artifacts and times, which both ends keep. */
  transcript: Bytes32;
  at: number;
}

/** Entries about what machines can do. */
export type FigureRecord = FiguresRecord | FingerprintRecord;
