import type {
  Account,
  AccountProof,
  LedgerEvent,
  LedgerView,
  MicroNcu,
} from '../../feeds/ledger/mod.ts';
import type { LedgerRows, PriceRow } from './ledger_rows.ts';

/**
 * Answer of the method `balance`, which takes `{ account? }`, a key; absent: this node's own.
 * All methods here answer `NO_LEDGER` where the network has none.
 */
export interface BalanceAnswer {
  key: string;
  /** Newest cut that is folded; null before the first. */
  epoch: number | null;
  /** Cuts that are known may not all be folded yet: what follows may be old. */
  reading: boolean;
  /** Null: no cut covers an entry of it yet. */
  account: Account | null;
  /** What it may spend at once: available, and credit that it may draw, less `held`. */
  spendable: MicroNcu;
  /** Credit that it may draw beside what it owes. */
  credit: MicroNcu;
  /** The cost of jobs that no cut covers yet, and of this node's own account its bonds. */
  held: MicroNcu;
  /** Earnings whose challenge window is open, and what its bond covers of them: bond / n. */
  exposure: { unsettled: MicroNcu; cap: MicroNcu; covered: boolean; n: number };
  prices: PriceRow[];
}

/**
 * Answer of the method `ledger`, which takes `{ epoch?, account? }`.
 * @throws {NexusError} `EPOCH_UNKNOWN` for an epoch that is not remembered: `nexus audit --ledger`
 */
export interface LedgerAnswer {
  /** As a dashboard shows it. */
  rows: LedgerRows;
  /** All of it, with at most 4096 accounts; those of `account` alone where it is given. */
  view: LedgerView;
  /** What that epoch's cut led to, where `epoch` is given; only what concerns `account` where both are. */
  events: LedgerEvent[] | null;
}

/**
 * Answer of `bond` and `unbond`, which take `{ amount }`, whole micro-NCU above 0. The entry is
 * logged; it counts with the next cut.
 */
export interface BondAnswer {
  amount: MicroNcu;
  /** Index of the entry in this node's `artifacts` log. */
  index: number;
  /** The account before it. */
  account: Account | null;
  /** Cuts until the money is free again, of an `unbond`; 0 of a `bond`. */
  cuts: number;
}

/** Answer of `ledgerProve`, which takes `{ account? }`; absent: this node's own. */
export interface ProveAnswer {
  proof: AccountProof;
  /** Of the proof's epoch, or the newest that more than 2/3 of the witnesses' weight vouch for. */
  certified: { epoch: number; root: string } | null;
}
