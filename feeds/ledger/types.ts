import type { Hex, Place, SubjectOutcome } from '../trust/mod.ts';

/** A whole number of micro-NCU, safe: sums of all accounts stay below 2^53. */
export type MicroNcu = number;

/** A whole number of parts in a million. */
export type Ppm = number;

/** The rules of a network's file that the ledger is folded under; each has its reason there. */
export interface LedgerRules {
  /** What each identity is given with its first entry in a cut. */
  grant: MicroNcu;
  /** Most that an account may owe at full reputation; never more than it has bonded. */
  creditLimit: MicroNcu;
  /** Part of each payment that is burned. */
  feeShare: Ppm;
  /** The same beside it, for an executor of whom everything is audited: in proportion to its rate. */
  auditFee: Ppm;
  /** Part of an epoch's burned fees that is paid out again as rewards: at most all of it. */
  emissionShare: Ppm;
  /** Parts of the rewards: for duties done, for cuts signed; the rest for work done. */
  rewardAuditors: Ppm;
  rewardWitnesses: Ppm;
  /** What a missed duty costs, at most what there is. */
  missedFine: MicroNcu;
  /** What an audit costs its auditor that was not read, was copied, or missed a planted fraud. */
  faultFine: MicroNcu;
  /** Cuts from the offer within which its settlement or claim counts; then the escrow goes back. */
  settleCuts: number;
  /** Output tokens whose price a requester burns who says nothing of an answer. */
  silentTokens: number;
  /** Cuts from the `unbond` entry until the money is free: longer than any challenge. */
  unbondCuts: number;
  /** Bonds together from which on their owners, and not the file's witnesses, certify cuts; 0: never. */
  witnessBonds: MicroNcu;
  /** Least and most n of the slash n x R. */
  slashLeast: number;
  slashMost: number;
  /** Chance that an audit of a cheated answer speaks against it: the measured power of detection. */
  detection: Ppm;
  /** Part of a slash, after refunds, for the auditors who found it; the rest is burned. */
  slashAuditors: Ppm;
  /** Verified epochs to half of the reputation. */
  reputationHalf: number;
  /**
   * Output tokens whose market price a challenger is paid back for a machine that it measured, at most;
   * out of at most half of what audits are paid from.
   */
  probeTokens: number;
  /** Verified epochs that a contradicted claim of a machine's speed costs, each time. */
  claimCost: number;
  /** Most that a price moves in an epoch, outside the utilisation band `[utilLow, utilHigh]`. */
  priceStep: Ppm;
  utilLow: Ppm;
  utilHigh: Ppm;
  /** Bounds of the market price, against the profile's coefficient. */
  priceLeast: Ppm;
  priceMost: Ppm;
  /** How far an executor may ask above or below the market price. */
  askBand: Ppm;
}

/** What a profile's tokens cost: reference energy, micro-NCU (mJ) a token. */
export interface Coefficients {
  /** Profile id, 32 bytes. */
  profile: Uint8Array;
  prompt: MicroNcu;
  output: MicroNcu;
}

/** The part of a network's file that is about money. */
export interface LedgerTerms {
  rules: LedgerRules;
  /** Balances at the start; on an open network the only grants. */
  genesis: readonly { key: Uint8Array; amount: MicroNcu }[];
  /** A profile outside it earns nothing. */
  coefficients: readonly Coefficients[];
  /** Name and version of how the coefficients were worked out; absent: not told. */
  method?: string;
}

/** One identity's account. */
export interface Account {
  key: Hex;
  /** May be spent. */
  available: MicroNcu;
  /** Held for its own jobs until they are settled. */
  escrow: MicroNcu;
  /** Earned; free when the challenge window of the work is over. */
  pending: MicroNcu;
  /** Can be slashed; includes what is being unbonded. */
  bonded: MicroNcu;
  /** Parts of `bonded` that were asked back, and the cut after which each is free. */
  unbonding: readonly { amount: MicroNcu; cut: number }[];
  /** Credit that it has drawn: what comes in repays it first. */
  owed: MicroNcu;
  reputation: Ppm;
  /** Proven misdeeds. */
  violations: number;
  /** `banned`: its bond is gone, and it neither earns nor spends any more. */
  status: 'active' | 'banned';
  /** Epochs with at least one clean audit. */
  verified: number;
  /** Attempts that failed on it, and those that ended well, as their requesters saw them. */
  failed: number;
  served: number;
  /** Whole row of what it earned and spent, over all epochs. */
  earned: MicroNcu;
  spent: MicroNcu;
  /** Poseidon(secret) of its identity record; null where there is none. */
  secret: Hex | null;
}

/** A payment or refund that stands in an account's receipts of an epoch. */
export interface Payment {
  job: Hex;
  attempt: number;
  requester: Hex;
  executor: Hex;
  profile: Hex;
  promptTokens: number;
  /** Paid output tokens: min(acknowledged, digested). */
  tokens: number;
  /** What the requester paid: `net + fee`. */
  gross: MicroNcu;
  fee: MicroNcu;
  /** What the executor is to have. */
  net: MicroNcu;
  /** Epoch of the cut that settled it, and of the cut after which it is free. */
  epoch: number;
  free: number;
}

/** Why a bond was cut. */
export type SlashCause =
  /** The executor's lifetime test crossed its limit. */
  | 'lifetime'
  /** Two heads of one core at one length; two votes of a witness that exclude each other. */
  | 'equivocation'
  /** A log was truncated: its fork is above 0. */
  | 'fork'
  /** It signed one thing and logged another. */
  | 'contradiction'
  /** It logged a proof of its sampling that does not hold for what it committed to. */
  | 'proof';

/** A slash, with all that it follows from. */
export interface Slash {
  epoch: number;
  offender: Hex;
  cause: SlashCause;
  /** What cheating could have gained: R, and its multiple n; both 0 where all is taken. */
  gain: MicroNcu;
  n: number;
  /** Taken from the bond. */
  amount: MicroNcu;
  /** Of unreleased earnings: given back to clients, beside the amount. */
  forfeited: MicroNcu;
  refunds: readonly { client: Hex; job: Hex; attempt: number; amount: MicroNcu }[];
  finders: readonly { auditor: Hex; amount: MicroNcu }[];
  burned: MicroNcu;
  /** Audited subjects, or where the entries stand. */
  subjects: readonly Hex[];
  evidence: readonly Place[];
}

/** A market price. */
export interface Price {
  /** Profile id. */
  profile: Hex;
  /** micro-NCU a token, prompt and output. */
  prompt: MicroNcu;
  output: MicroNcu;
  /** Against the coefficient. */
  level: Ppm;
  /** Of the epoch before. */
  utilisation: Ppm;
}

/** What one epoch did. */
export interface EpochSummary {
  epoch: number;
  root: Hex;
  jobs: number;
  paid: MicroNcu;
  fees: MicroNcu;
  emitted: MicroNcu;
  refunded: MicroNcu;
  slashed: MicroNcu;
  accounts: number;
}

/** Sums over all accounts, and over all time: `available + pending + escrow + bonded - owed + burned = grants + emission`. */
export interface Totals {
  available: MicroNcu;
  pending: MicroNcu;
  escrow: MicroNcu;
  bonded: MicroNcu;
  owed: MicroNcu;
  burned: MicroNcu;
  grants: MicroNcu;
  emission: MicroNcu;
}

/** Which rule ignored or punished an entry. Stable: programs compare these. */
export type LedgerFindingCode =
  | 'job-unknown'
  | 'job-twice'
  | 'job-unfunded'
  | 'job-self'
  | 'job-amount'
  | 'job-banned'
  | 'settle-unknown'
  | 'settle-twice'
  | 'settle-late'
  | 'claim-above-ack'
  | 'claim-unsigned'
  | 'ack-contradiction'
  | 'digest-contradiction'
  | 'price-band'
  | 'profile-unknown'
  | 'bond-amount'
  | 'unbond-amount'
  | 'unbond-challenged'
  | 'proof-invalid'
  | 'proof-known'
  | 'sampling-refuted'
  | 'verdict-unknown'
  | 'claim-contradicted'
  | 'backdated'
  | 'root-mismatch';

export interface LedgerFinding {
  code: LedgerFindingCode;
  place: Place;
  /** Whose entry it is. */
  author: Hex;
  detail: string;
}

/** What a reward is for: `challenger` for the jobs by which it measured a machine. */
export type RewardRole = 'auditor' | 'challenger' | 'witness' | 'executor';

/** Something that the ledger concluded. Their row, cut by cut, is the same for every reader. */
export type LedgerEvent =
  | { type: 'grant'; account: Hex; amount: MicroNcu }
  /** `offer`: hash of its record, since a job's id does not tell two offers of an attempt apart. */
  | { type: 'escrow'; account: Hex; job: Hex; attempt: number; offer: Hex; amount: MicroNcu }
  | { type: 'payment'; payment: Payment }
  /** An escrow, or what is left of it, went back. */
  | { type: 'returned'; account: Hex; job: Hex; attempt: number; amount: MicroNcu }
  /** Earnings are free: their challenge window is over. */
  | { type: 'released'; account: Hex; amount: MicroNcu }
  /** `index`: of the entry in the account's artifacts log. */
  | { type: 'bond' | 'unbond'; account: Hex; amount: MicroNcu; index: number }
  | { type: 'unbonded'; account: Hex; amount: MicroNcu }
  | { type: 'slash'; slash: Slash }
  | { type: 'reward'; account: Hex; amount: MicroNcu; role: RewardRole }
  | { type: 'fine'; account: Hex; amount: MicroNcu }
  | { type: 'price'; price: Price }
  | { type: 'verdict'; subject: Hex; outcome: SubjectOutcome }
  | { type: 'epoch'; summary: EpochSummary }
  | { type: 'certified'; epoch: number; root: Hex }
  /** The witnesses certify another root than follows from the cuts here: once, of the first epoch. */
  | { type: 'differs' } & Differing
  | { type: 'finding'; finding: LedgerFinding };

/** Roots over field elements, for circuits: of one epoch, as witnesses log them beside the byte root. */
export interface FieldRoots {
  epoch: number;
  /** Poseidon root over all accounts after it. */
  accounts: Hex | null;
  /** Poseidon root over what each executor was paid in it. */
  receipts: Hex | null;
}

/** A root that witnesses of more than 2/3 of the weight vouch for; field roots: null where fewer do. */
export interface Certified extends FieldRoots {
  root: Hex;
}

/** An epoch of which more than 2/3 of the witnesses' weight vouch for another root than follows here. */
export interface Differing {
  epoch: number;
  /** What follows from the cuts here, and what they vouch for. */
  root: Hex;
  certified: Hex;
}

/** Who certifies cuts. */
export interface ElectorateView {
  /** The first epoch of these; 0 for the witnesses of the network's file. */
  since: number;
  /** In the order of their keys. */
  seats: readonly { key: Hex; weight: number }[];
  /** Who is to follow them; null: nobody yet. */
  coming: { from: number; seats: readonly { key: Hex; weight: number }[] } | null;
}

/** Where the ledger stands after a cut. */
export interface LedgerView {
  /** Of the newest cut; null before the first. */
  epoch: number | null;
  root: Hex;
  /** Newest epoch whose root witnesses of more than 2/3 of the weight vouch for. */
  certified: Certified | null;
  /** The first epoch of which they vouch for another root; null: there is none. */
  differs: Differing | null;
  /** Certified field roots of the newest 256 epochs, oldest first; epochs without one are left out. */
  fields: readonly FieldRoots[];
  /** As of the newest cut. */
  electorate: ElectorateView;
  totals: Totals;
  /** By key. */
  accounts: readonly Account[];
  prices: readonly Price[];
  /** The newest, at most 256 of each, oldest first. */
  epochs: readonly EpochSummary[];
  slashes: readonly Slash[];
  findings: readonly LedgerFinding[];
  findingCount: number;
}
