/**
 * Where a node's folds stood, in a file of its home, so that a restart reads what came since and not
 * the whole of the past. It is a memory of this node alone: losing it costs time, nothing else.
 * @module
 */
export { MAX_BYTES, SnapshotFile, type SnapshotOwner } from './file.ts';
export { type KeeperOptions, SnapshotKeeper } from './keeper.ts';
export type { Snapshot } from './types.ts';
