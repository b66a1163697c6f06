import type { ElectorateView, SlashCause } from '../../feeds/ledger/mod.ts';

/** Amounts are whole micro-NCU, keys and hashes hexadecimal, here and below. */
export interface AccountRow {
  key: string;
  /** May be spent. */
  available: number;
  /** Held for its own jobs that are not settled. */
  escrow: number;
  /** Earned; free when the challenge window is over. */
  pending: number;
  /** Can be slashed; `unbonding` of it was asked back. */
  bonded: number;
  unbonding: number;
  /** Credit that it has drawn. */
  owed: number;
  /** 0 to 1. */
  reputation: number;
  /** Proven misdeeds. */
  violations: number;
  banned: boolean;
  /** Epochs with at least one clean audit. */
  verified: number;
  /** Attempts that ended well on it, and those that failed, as their requesters saw them. */
  served: number;
  failed: number;
  /** Over all epochs. */
  earned: number;
  spent: number;
}

/** What more is said of this node's own account. */
export interface OwnAccountRow extends AccountRow {
  /** Parts of the bond that were asked back, and the cut after which each is free. Bounded. */
  unbonds: { amount: number; cut: number }[];
  /** What it may owe more than now. */
  credit: number;
  /** Chance of its next answer to be audited, 0 to 1; null where nobody has seen its work. */
  rate: number | null;
  /**
   * Earnings whose challenge window is open, and how much of them its bond covers (bond / n): above
   * it, everything is audited.
   */
  unsettled: number;
  cap: number;
  n: number;
}

/** The market price of a profile. */
export interface PriceRow {
  profile: string;
  /** The model's name where it is known here. */
  model: string | null;
  /** micro-NCU a token; that of a prompt token may be a fraction. */
  prompt: number;
  output: number;
  /** 1: the profile's coefficient. */
  level: number;
  /** Of the newest epoch, 0 to 1. */
  utilisation: number;
  /** Price of an output token after each of the last epochs, oldest first. Bounded. */
  history: { epoch: number; output: number }[];
}

/** What this node earned and spent in an epoch. */
export interface EarningRow {
  epoch: number;
  /** Payments for work, without the fee. */
  paid: number;
  /** Epoch's rewards less fines. */
  rewards: number;
  /** Paid for its own jobs, less what was refunded. */
  spent: number;
}

/** A payment that this node made or got. */
export interface PaymentRow {
  job: string;
  attempt: number;
  requester: string;
  executor: string;
  profile: string;
  model: string | null;
  promptTokens: number;
  tokens: number;
  gross: number;
  fee: number;
  net: number;
  /** Of the cut that settled it, and of the cut after which it is free. */
  epoch: number;
  free: number;
}

/** A bond that was cut, and where the money went. */
export interface SlashRow {
  epoch: number;
  offender: string;
  cause: SlashCause;
  /** What cheating could have gained, and the multiple of it that was taken; both 0: all was taken. */
  gain: number;
  n: number;
  /** Taken from the bond; beside it, of earnings that were not free yet. */
  amount: number;
  forfeited: number;
  burned: number;
  /** The largest; of all there are `refunded` for `clients`. */
  refunds: { client: string; job: string; attempt: number; amount: number }[];
  refunded: number;
  clients: number;
  /** Bounded. */
  finders: { auditor: string; amount: number }[];
  /** Hashes of the entries that it follows from. Bounded. */
  subjects: string[];
}

/** What one epoch did to all accounts. */
export interface EpochRow {
  epoch: number;
  root: string;
  jobs: number;
  paid: number;
  fees: number;
  emitted: number;
  refunded: number;
  slashed: number;
  accounts: number;
}

/** Which rule ignored or punished an entry. */
export interface LedgerFindingRow {
  /** As `nexus audit` tells it. */
  code: string;
  author: string;
  core: string;
  index: number;
  /** Epoch of the cut that covers it. */
  cut: number;
  detail: string;
}

/** The ledger of a network with money, as a node folds it. */
export interface LedgerRows {
  /** Newest cut that is folded; null before the first. */
  epoch: number | null;
  /** Equal on all nodes that have folded the same cuts. */
  root: string;
  /** Newest epoch whose root more than 2/3 of the witnesses' weight vouch for. */
  certified: { epoch: number; root: string } | null;
  /** The first epoch of which they vouch for another root than follows here; null: there is none. */
  differs: { epoch: number; root: string; certified: string } | null;
  /** Who certifies cuts since which epoch (0: the witnesses of the network's file), and who is next. */
  electorate: ElectorateView;
  /** Length of an epoch, milliseconds. */
  epochMs: number;
  /** When the newest cut came here: milliseconds since 1970; null before the first. */
  cutAt: number | null;
  /** Null while this node is in no cut. */
  own: OwnAccountRow | null;
  /** Sums over all accounts; `burned`, `grants` and `emission` over all time. */
  totals: {
    available: number;
    pending: number;
    escrow: number;
    bonded: number;
    owed: number;
    burned: number;
    grants: number;
    emission: number;
  };
  /** This node's first, then banned ones, then the largest. Bounded: there are `accountCount`. */
  accounts: AccountRow[];
  accountCount: number;
  prices: PriceRow[];
  /** The newest of each, oldest first. Bounded. */
  epochs: EpochRow[];
  earnings: EarningRow[];
  payments: PaymentRow[];
  slashes: SlashRow[];
  findings: LedgerFindingRow[];
  findingCount: number;
  /** Why nothing goes on, or what witnesses do not vouch for, for people; null where all is well. */
  note: string | null;
}
