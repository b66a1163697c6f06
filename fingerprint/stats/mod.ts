/**
 * Robust statistics of repeated measurements.
 * @module
 */
export type * from './types.ts';
export { ratioOf } from './ratio.ts';
export { mad, milli, sampleOf, spreadOf, variation } from './sample.ts';
