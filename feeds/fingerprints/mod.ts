/**
 * What machines can do, as drawn challengers measured it: draws, attested classes, contradicted
 * claims, as one pure fold of cuts and the entries that they cover. The same for every reader.
 * @module
 */
export type * from './types.ts';
export { CONFIDENCE, lowerMedian, medianInterval, upperMedian } from './order.ts';
export { combine, ENDLESS } from './combine.ts';
export {
  areApart,
  changedFigures,
  type ClaimedFigures,
  contradictions,
  standsTo,
} from './claims.ts';
export { FingerprintFold, type PrintBeacon, type PrintOptions } from './fold.ts';
export { PRINT_STATE, type PrintState } from './state.ts';
export { LEAST_ACCUSERS } from './period.ts';
export type { PrintRoster } from './targets.ts';
