/**
 * Nexus in code: what the root's `mod.ts` offers.
 * @module
 */
export type { DoneEvent, RunEvent } from './events.ts';
export { createNode, type CreateNodeOptions, type Node, type Peer } from './node.ts';
export type { HomeOptions, Message, PromptOptions } from './options.ts';
export { replay, type ReplayOptions, type Report } from './replay.ts';
export { replayLedger, type ReplayLedgerOptions } from './replay_ledger.ts';
export { run, type RunOptions } from './run.ts';
export { verifyReceipt } from './verify_receipt.ts';
