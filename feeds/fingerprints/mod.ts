/**
 * What machines can do, as drawn challengers measured it: draws, attested classes, contradicted
 * claims, as one pure fold of cuts and the entries that they cover. The same for every reader.
 * @module
 */
export type * from './types.ts';
