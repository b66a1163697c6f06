/**
 * From measured figures to a machine's class, and what becomes of its claims.
 * @module
 */
export type * from './types.ts';
export { checkClaim, classChange, classOf, gradeOf } from './class.ts';
