/**
 * The demonstration: a mesh on this machine, with an accident.
 * @module
 */
export { type DemoOptions, runDemo } from './demo.ts';
export type { DemoEvent, DemoSummary } from './events.ts';
export { summaryRows } from './summary.ts';
