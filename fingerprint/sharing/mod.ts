/**
 * Do two nodes share one machine? Both are challenged alone and at once, interleaved in a drawn
 * order; who slows the other down shares its compute. Values in, values out.
 * @module
 */
export type { SharingBlock, SharingDecision, SharingRules, SharingStep } from './types.ts';
