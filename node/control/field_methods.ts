import type { FieldRoots } from '../../feeds/ledger/mod.ts';

/** A path in a tree of field elements: the other sides from the leaf up, hexadecimal. */
export interface FieldPathAnswer {
  index: number;
  siblings: string[];
}

/**
 * Answer of the method `fieldAccount`, which takes `{ account? }`, a key; absent: this node's own.
 * All that a proof of its standing is made of, but the secret.
 * @throws {NexusError} `ACCOUNT_UNKNOWN`, `NO_LEDGER`, `LEDGER_UNREAD`
 */
export interface FieldAccountAnswer {
  network: string;
  /** Newest cut that is folded. */
  epoch: number;
  /** Poseidon root over all accounts after it. */
  root: string;
  /** Witnesses of more than 2/3 of the weight vouch for it already. */
  certified: boolean;
  /** Inputs of the leaf, decimal. */
  leaf: string[];
  path: FieldPathAnswer;
}

/**
 * Answer of `fieldReceipts`, which takes `{ epoch, account? }`: what it was paid in an epoch.
 * @throws {NexusError} `EPOCH_UNKNOWN`, `RECEIPTS_NONE`, `NO_LEDGER`, `LEDGER_UNREAD`
 */
export interface FieldReceiptsAnswer {
  network: string;
  account: string;
  /** Poseidon root over all that was paid in the epoch. */
  root: string;
  certified: boolean;
  /** Way of the account's leaf. */
  path: FieldPathAnswer;
  /** Of the account: root in hexadecimal; amount and name of each receipt, decimal. */
  batches: { root: string; receipts: [string, string][] }[];
}

/** Answer of `fieldRoots`, which takes `{ epoch }`. */
export interface FieldRootsAnswer {
  network: string;
  /** Newest cut that is folded. */
  epoch: number | null;
  /** Certified roots of the asked epoch; null: none are, or they are not remembered. */
  roots: FieldRoots | null;
}
