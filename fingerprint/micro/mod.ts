/**
 * Micro-benchmarks whose order, sizes and contents a nonce draws: features of one machine, and how
 * far two vectors are apart. They indicate identity; they prove no capacity.
 * @module
 */
export type {
  DistanceCalibration,
  FeatureVector,
  MicroAnswer,
  MicroChallenge,
  MicroKind,
  MicroReading,
  MicroTask,
  MicroTiming,
} from './types.ts';
