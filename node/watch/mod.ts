/**
 * What dashboards follow: a snapshot of a node, then every change of it.
 * @module
 */
export { type EntryPlace, entryRow } from './entry.ts';
export { History } from './history.ts';
export { WatchHub } from './hub.ts';
export type { WatchSource } from './sampling.ts';
export { LossyQueue } from './queue.ts';
export type { Replayed } from './findings.ts';
