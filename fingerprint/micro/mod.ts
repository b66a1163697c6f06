/**
 * Micro-benchmarks whose order, sizes and contents a nonce draws: features of one machine, and how
 * far two vectors are apart. They indicate identity; they prove no capacity.
 * @module
 */
export { calibrateDistance, distance, MICRO_CALIBRATION } from './distance.ts';
export { combineFeatures, FEATURE_NAMES, featuresOf, NOT_MEASURED } from './features.ts';
export { microPlan } from './plan.ts';
export { type MicroMachine, runMicro } from './run.ts';
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
export { checkable, verifyMicro, verifyMicroGently } from './verify.ts';
