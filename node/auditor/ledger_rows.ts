import { toHex } from '../../feeds/base/mod.ts';
import type {
  Account,
  Coefficients,
  LedgerView,
  Payment,
  Price,
  Slash,
} from '../../feeds/ledger/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import {
  type AccountRow,
  type LedgerRows,
  type OwnAccountRow,
  type PaymentRow,
  type PriceRow,
  type SlashRow,
  vouchingText,
} from '../control/mod.ts';
import type { LedgerMemory } from './ledger_memory.ts';

/** What a dashboard is shown of each kind, at most. */
const MAX_ACCOUNTS = 256;
const MAX_PRICES = 64;
const MAX_EPOCHS = 64;
const MAX_SLASHES = 64;
const MAX_FINDINGS = 64;
/** Of one slash, or of one account. */
const MAX_PARTS = 32;
const MILLION = 1e6;

/** What the view does not hold. */
export interface LedgerContext {
  /** Identity key of this node. */
  me: Hex;
  /** `LedgerFold.quote`, `.exposure` of this node; rate at which it is audited now, null: unknown. */
  credit: number;
  exposure: { unsettled: number; cap: number; n: number };
  auditRate: number | null;
  memory: Pick<LedgerMemory, 'earnings' | 'payments' | 'pricesOf'>;
  /** Of the network's file. */
  coefficients: readonly Coefficients[];
  /** Of the network's file, milliseconds. */
  epochMs: number;
  /** When the newest cut came: milliseconds since 1970. */
  cutAt: number | null;
  /** A model's name, where it is known here. */
  modelOf: (profile: Hex) => string | null;
  note: string | null;
}

/** The ledger as a dashboard shows it. */
export function ledgerRows(view: LedgerView, context: LedgerContext): LedgerRows {
  const { me, memory, epochMs, cutAt, modelOf, note } = context;
  const promptPrice = promptPrices(context.coefficients);
  const own = view.accounts.find(({ key }) => key === me);
  return {
    epoch: view.epoch,
    root: view.root,
    certified: view.certified,
    differs: view.differs,
    electorate: view.electorate,
    epochMs,
    cutAt,
    own: own === undefined ? null : ownRow(own, context),
    totals: { ...view.totals },
    accounts: foremost(view.accounts, me).map(accountRow),
    accountCount: view.accounts.length,
    prices: view.prices.slice(0, MAX_PRICES).map((price): PriceRow => ({
      profile: price.profile,
      model: modelOf(price.profile),
      prompt: promptPrice(price),
      output: price.output,
      level: price.level / MILLION,
      utilisation: price.utilisation / MILLION,
      history: memory.pricesOf(price.profile).slice(-MAX_EPOCHS),
    })),
    epochs: view.epochs.slice(-MAX_EPOCHS).map((epoch) => ({ ...epoch })),
    earnings: memory.earnings.slice(-MAX_EPOCHS),
    payments: memory.payments.map((payment) => paymentRow(payment, modelOf)),
    slashes: view.slashes.slice(-MAX_SLASHES).map(slashRow),
    findings: view.findings.slice(-MAX_FINDINGS).map(({ code, author, place, detail }) => ({
      code,
      author,
      ...place,
      detail,
    })),
    findingCount: view.findingCount,
    note: (view.differs === null ? note : null) ?? vouchingText(view),
  };
}

/**
 * What a prompt token costs at a profile's market price: a fraction, since only the sum over a prompt is
 * rounded down (`attemptCost`).
 */
function promptPrices(coefficients: readonly Coefficients[]): (price: Price) => number {
  const shares = new Map(
    coefficients.map(({ profile, prompt, output }) => [toHex(profile), prompt / output]),
  );
  return ({ profile, prompt, output }) => {
    const share = shares.get(profile);
    if (share === undefined || !Number.isFinite(share)) return prompt;
    return Math.round(output * share * 1000) / 1000;
  };
}

/** A slash as a row. */
export function slashRow({ refunds, finders, subjects, evidence: _, ...slash }: Slash): SlashRow {
  return {
    ...slash,
    refunds: refunds.toSorted((a, b) => b.amount - a.amount).slice(0, MAX_PARTS),
    refunded: refunds.reduce((sum, { amount }) => sum + amount, 0),
    clients: new Set(refunds.map(({ client }) => client)).size,
    finders: finders.slice(0, MAX_PARTS),
    subjects: subjects.slice(-MAX_PARTS),
  };
}

/** Of too many accounts the own one, the banned ones and the largest. */
function foremost(accounts: readonly Account[], me: Hex): Account[] {
  const weight = ({ available, escrow, pending, bonded }: Account) =>
    available + escrow + pending + bonded;
  const rank = ({ key, status }: Account) => key === me ? 2 : status === 'banned' ? 1 : 0;
  return [...accounts].sort((a, b) => rank(b) - rank(a) || weight(b) - weight(a))
    .slice(0, MAX_ACCOUNTS);
}

function accountRow({ unbonding, reputation, status, secret: _, ...account }: Account): AccountRow {
  return {
    ...account,
    unbonding: unbonding.reduce((sum, { amount }) => sum + amount, 0),
    reputation: reputation / MILLION,
    banned: status === 'banned',
  };
}

function ownRow(
  account: Account,
  { credit, exposure: { unsettled, cap, n }, auditRate: rate }: LedgerContext,
): OwnAccountRow {
  const unbonds = account.unbonding.slice(0, MAX_PARTS).map((part) => ({ ...part }));
  return { ...accountRow(account), unbonds, credit, rate, unsettled, cap, n };
}

function paymentRow(payment: Payment, modelOf: (profile: Hex) => string | null): PaymentRow {
  return { ...payment, model: modelOf(payment.profile) };
}
