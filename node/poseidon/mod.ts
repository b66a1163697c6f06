/**
 * Poseidon, and trees over accounts and receipts, for circuits: built beside the ledger's fold in a thread
 * of its own, from cut to cut.
 * @module
 */
export { type Element, loadPoseidon, type Poseidon } from './load.ts';
export { FieldRoots, type FieldRootsOptions } from './roots.ts';
export { type TreeThread, TreeWorker } from './thread.ts';
export { type TreeAnswer, type TreeAnswers, Trees, type TreeTask } from './trees.ts';
