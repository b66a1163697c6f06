/**
 * The ledger: balances, bonds, prices, refunds and slashes as one pure fold of cuts and the entries
 * that they cover. The same for every reader.
 * @module
 */
export type * from './types.ts';
export { attemptCost, escrowFor, mulPpm, priceAsked, safe } from './cost.ts';
export { type SlashAmounts, slashFor, type SlashInput, slashMultiple } from './slash.ts';
export { ownStakeOf } from './bonds.ts';
export { AccountTree } from './account_tree.ts';
export { ledgerRootOf, type RootInput } from './root.ts';
export {
  ACCOUNT_PROOF_FORMAT,
  type AccountProof,
  checkAccount,
  parseAccountProof,
  proveAccount,
  type ProvenAccount,
} from './prove.ts';
export {
  equivocationRecord,
  type Evidence,
  type JudgedEquivocation,
  judgeEquivocation,
  type RefusedEquivocation,
} from './misconduct.ts';
export { BACKDATED_MS, Clocks, type ClocksState } from './clocks.ts';
export { LedgerFold } from './fold.ts';
export type { LedgerOptions } from './options.ts';
export { NetworkFold, type NetworkOptions, type NetworkState } from './network.ts';
export { LEDGER_STATE, type LedgerState } from './state.ts';
export {
  ACCOUNT_DEPTH,
  accountElements,
  FieldAccounts,
  type FieldHash,
  type FieldPath,
  fieldRoot,
} from './poseidon.ts';
export {
  batchesRoot,
  batchRoot,
  type FieldBatch,
  FieldEpoch,
  type FieldReceipts,
  fieldReceipts,
  type PlacedReceipts,
  receiptElements,
  RECEIPTS_DEPTH,
  RECEIPTS_PER_BATCH,
  RECEIPTS_PER_LEAF,
  receiptsLeaf,
} from './field_receipts.ts';
export { capOf, seatsFor, type SeatsInput, unitsOf } from './seats.ts';
