/**
 * The ledger: balances, bonds, prices, refunds and slashes as one pure fold of cuts and the entries
 * that they cover. The same for every reader.
 * @module
 */
export type * from './types.ts';
export { attemptCost, escrowFor, mulPpm, safe } from './cost.ts';
