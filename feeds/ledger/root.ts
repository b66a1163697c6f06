import { countBytes, taggedHash } from '../base/mod.ts';
import { AccountTree } from './account_tree.ts';
import { restHash } from './encode.ts';
import type { Account, Price, Totals } from './types.ts';

/** What a root stands for. */
export interface RootInput {
  /** Id of the network, 32 bytes. */
  network: Uint8Array;
  /** Of the newest cut; null before the first. */
  epoch: number | null;
  /** All of them; a tree that is kept from cut to cut hashes only what has changed. */
  accounts: AccountTree | Iterable<Account>;
  totals: Totals;
  /** In any order. */
  prices: readonly Price[];
}

/** The ledger's root: 32 bytes over network, epoch, accounts, totals and prices. */
export function ledgerRootOf(ledger: RootInput): Uint8Array {
  const { network, epoch, totals, prices } = ledger;
  return combineRoot(network, epoch, ledgerTreeOf(ledger).root(), restHash(totals, prices));
}

export function ledgerTreeOf({ accounts }: Pick<RootInput, 'accounts'>): AccountTree {
  return accounts instanceof AccountTree ? accounts : new AccountTree(accounts);
}

/** @param accounts root of their tree @param rest hash of totals and prices */
export function combineRoot(
  network: Uint8Array,
  epoch: number | null,
  accounts: Uint8Array,
  rest: Uint8Array,
): Uint8Array {
  // 0 stands before the first cut.
  const at = countBytes(epoch === null ? 0 : epoch + 1);
  return taggedHash('nexus/ledger-root/1', network, at, accounts, rest);
}
