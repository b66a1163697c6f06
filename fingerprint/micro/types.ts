/**
 * Kinds of measurement. `walk`: data-dependent loads over a working set; `multiply`, `divide`,
 * `branch`: chains of one operation; `stream`: sums over a buffer in order; `timer`: steps of the clock; `quanta`: equal pieces of
 * work; `launch`: empty kernels on a GPU.
 */
export type MicroKind =
  | 'walk'
  | 'multiply'
  | 'divide'
  | 'branch'
  | 'stream'
  | 'timer'
  | 'quanta'
  | 'launch';

/** One measurement, drawn from the nonce. */
export interface MicroTask {
  kind: MicroKind;
  /** Working set, bytes; 0 where there is none. */
  bytes: number;
  /** Operations, words of a stream, readings, pieces or launches. */
  steps: number;
  /** What fills the working set and starts the chain; a u32. */
  seed: number;
}

/** What a challenger sets; the tasks follow from the nonce. */
export interface MicroChallenge {
  type: 'micro';
  /** 32 bytes, fresh; bind it to both ends with `boundNonce`. */
  nonce: Uint8Array;
  /** Share of the full number of steps, 0 < effort <= 1. */
  effort: number;
  /** Largest working set, MiB. */
  memory: number;
}

/** What an executor answers of one task. */
export interface MicroReading {
  /** Time of all its steps by the executor's clock, ns. */
  ns: number;
  /** Time from the end of the task before: of filling the working set, ns. */
  setup: number;
  /** What the chain ended in; a u32. 0 for `timer`, `quanta` and `launch`. */
  check: number;
  /**
   * Time of one step, ns. Of a chain: the lower quartile over its pieces; else median and 99th
   * percentile; empty where there was nothing to launch on.
   */
  spread: readonly number[];
}

export interface MicroAnswer {
  /** One a task, in the plan's order. */
  readings: readonly MicroReading[];
  /** Everything, by the executor's clock, ms. */
  ms: number;
}

/** What the challenger's clock says. */
export interface MicroTiming {
  elapsedMs: number;
  rttMs: number;
}

/**
 * Features in the order of `FEATURE_NAMES`: each 1024 x log2 of its nanoseconds, rounded;
 * `NOT_MEASURED` where there is none. What a `fingerprint` entry carries.
 */
export type FeatureVector = readonly number[];

/** How far two vectors of one machine are apart, by feature, and what is too far. */
export interface DistanceCalibration {
  version: number;
  /** Typical deviation of each feature from its median on one machine, in feature units. */
  scale: readonly number[];
  /** Distance above which two vectors are held to be of different machines. */
  threshold: number;
}
