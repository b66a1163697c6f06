/**
 * Robust statistics of repeated measurements.
 * @module
 */
export type * from './types.ts';
export { mad, milli, sampleOf, spreadOf, variation } from './sample.ts';
