/**
 * The fold: from a node's events to what a dashboard shows. Pure but for the state that it is given.
 * @module
 */
export { copyState, emptyState, stateJson, step } from './fold.ts';
export { joules } from './joules.ts';
export { ncu } from './ncu.ts';
export { short } from './jobs.ts';
export { clean, cleanLines } from './text.ts';
export * from './types.ts';
