/**
 * Robust statistics of repeated measurements.
 * @module
 */
export type * from './types.ts';
