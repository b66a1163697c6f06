/**
 * The work probe: ordinary jobs of drawn lengths, and what their times say of a machine.
 * @module
 */
export type * from './types.ts';
export { planWork } from './plan.ts';
export { evaluateWork } from './evaluate.ts';
