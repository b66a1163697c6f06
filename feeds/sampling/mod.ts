/**
 * Which proofs of sampling a network asks for, which were made, and which are missing or refuted: a
 * pure fold beside those of trust and money, the same for every reader.
 * @module
 */
export type * from './types.ts';
export { isAsked, proofContext, proofPositions } from './draw.ts';
export { SamplingFold, type SamplingOptions } from './fold.ts';
export { SAMPLING_STATE, type SamplingState } from './state.ts';
export { accusationOf } from './accusation.ts';
