import { happen } from './happenings.ts';
import { short, step } from './jobs.ts';
import { ncu } from './ncu.ts';
import {
  count,
  counts,
  type Fields,
  fieldsOf,
  hex,
  list,
  newest,
  number,
  text,
  whole,
} from './read.ts';
import type { Reader } from './runs.ts';
import { slashOf } from './slash.ts';
import {
  type Account,
  type Earning,
  type Ledger,
  type LedgerFinding,
  LIMITS,
  type MarketPrice,
  type OwnAccount,
  type Payment,
} from './types.ts';

/** What is told of money. */
export const LEDGER: Record<string, Reader> = {
  ledger(state, from) {
    const ledger = ledgerOf(from.ledger);
    if (ledger === null) return false;
    state.ledger = ledger;
    return true;
  },
  payment: told(({ earned, net, gross, executor, requester }) => {
    const who = earned === true ? `by ${short(hex(requester))}` : `to ${short(hex(executor))}`;
    return `${ncu(count(earned === true ? net : gross) ?? 0)} NCU ${who}`;
  }, false),
  refunded: told((from) => `${ncu(count(from.amount) ?? 0)} NCU came back`, true),
};

/** A moment in the life of the job that money moved for, and a line where it has one. */
function told(says: (from: Fields) => string, line: boolean): Reader {
  return (state, from, at) => {
    const id = hex(from.job), event = text(from.event, 48)!;
    if (id === null) return false;
    if (line) happen(state, event, from, at);
    const job = state.jobs.get(id);
    if (job !== undefined) step(job, at, event === 'payment' ? 'paid' : event, says(from));
    return true;
  };
}

/** The ledger as it may be shown; null if it is nothing of that kind. */
export function ledgerOf(value: unknown): Ledger | null {
  const from = fieldsOf(value);
  if (from === null || !Array.isArray(from.accounts) || !Array.isArray(from.prices)) return null;
  const totals = fieldsOf(from.totals), certified = fieldsOf(from.certified);
  const vouched = count(certified?.epoch);
  const accounts = list(from.accounts, LIMITS.accounts, accountOf);
  const sum = (name: string) => count(totals?.[name]) ?? 0;
  return {
    epoch: count(from.epoch),
    root: hex(from.root) ?? '',
    certified: vouched === null ? null : { epoch: vouched, root: hex(certified?.root) ?? '' },
    differs: differsOf(from.differs),
    electorate: electorateOf(from.electorate),
    epochMs: count(from.epochMs) ?? 0,
    cutAt: number(from.cutAt),
    own: ownOf(from.own),
    totals: {
      available: sum('available'),
      pending: sum('pending'),
      escrow: sum('escrow'),
      bonded: sum('bonded'),
      owed: sum('owed'),
      burned: sum('burned'),
      grants: sum('grants'),
      emission: sum('emission'),
    },
    accounts,
    accountCount: Math.max(accounts.length, count(from.accountCount) ?? 0),
    prices: list(from.prices, LIMITS.models, priceOf),
    epochs: newest(from.epochs, LIMITS.history, epochOf),
    earnings: newest(from.earnings, LIMITS.history, earningOf),
    payments: newest(from.payments, LIMITS.payments, paymentOf),
    slashes: newest(from.slashes, LIMITS.slashes, slashOf),
    findings: newest(from.findings, LIMITS.slashes, findingOf),
    findingCount: count(from.findingCount) ?? 0,
    note: text(from.note, 200) || null,
  };
}

function differsOf(value: unknown): Ledger['differs'] {
  const from = fieldsOf(value), epoch = count(from?.epoch);
  if (epoch === null) return null;
  return { epoch, root: hex(from?.root) ?? '', certified: hex(from?.certified) ?? '' };
}

function electorateOf(value: unknown): Ledger['electorate'] {
  const from = fieldsOf(value), coming = fieldsOf(from?.coming);
  const seats = (of: unknown) => list(of, LIMITS.witnesses, seatOf);
  return {
    since: count(from?.since) ?? 0,
    seats: seats(from?.seats),
    coming: coming === null ? null : { from: count(coming.from) ?? 0, seats: seats(coming.seats) },
  };
}

function seatOf(value: unknown): { key: string; weight: number } | null {
  const from = fieldsOf(value), key = hex(from?.key), weight = count(from?.weight);
  return key === null || weight === null ? null : { key, weight };
}

function accountOf(value: unknown): Account | null {
  const from = fieldsOf(value);
  const key = hex(from?.key);
  if (from === null || key === null) return null;
  return {
    key,
    ...counts(from, ['available', 'escrow', 'pending', 'bonded', 'unbonding', 'owed']),
    reputation: number(from.reputation) ?? 0,
    banned: from.banned === true,
    ...counts(from, ['violations', 'verified', 'served', 'failed', 'earned', 'spent']),
  };
}

function ownOf(value: unknown): OwnAccount | null {
  const from = fieldsOf(value), account = accountOf(value);
  if (from === null || account === null) return null;
  return {
    ...account,
    unbonds: list(from.unbonds, LIMITS.parts, (one) => {
      const part = fieldsOf(one);
      const amount = count(part?.amount), cut = count(part?.cut);
      return amount === null || cut === null ? null : { amount, cut };
    }),
    ...counts(from, ['credit', 'unsettled', 'cap']),
    rate: number(from.rate),
    n: number(from.n) ?? 0,
  };
}

function priceOf(value: unknown): MarketPrice | null {
  const from = fieldsOf(value);
  const profile = hex(from?.profile), output = count(from?.output);
  if (from === null || profile === null || output === null) return null;
  return {
    profile,
    model: text(from.model, 80) || null,
    prompt: Math.max(0, number(from.prompt) ?? 0),
    output,
    level: number(from.level) ?? 0,
    utilisation: number(from.utilisation) ?? 0,
    history: newest(from.history, LIMITS.history, (one) => {
      const point = fieldsOf(one);
      const epoch = count(point?.epoch), output = count(point?.output);
      return epoch === null || output === null ? null : { epoch, output };
    }),
  };
}

function epochOf(value: unknown): Ledger['epochs'][number] | null {
  const from = fieldsOf(value);
  const epoch = count(from?.epoch);
  if (from === null || epoch === null) return null;
  return {
    epoch,
    root: hex(from.root) ?? '',
    ...counts(from, ['jobs', 'paid', 'fees', 'emitted', 'refunded', 'slashed', 'accounts']),
  };
}

function earningOf(value: unknown): Earning | null {
  const from = fieldsOf(value);
  const epoch = count(from?.epoch);
  if (from === null || epoch === null) return null;
  const { paid, rewards, spent } = from;
  return { epoch, paid: whole(paid) ?? 0, rewards: whole(rewards) ?? 0, spent: whole(spent) ?? 0 };
}

function paymentOf(value: unknown): Payment | null {
  const from = fieldsOf(value);
  const job = hex(from?.job), requester = hex(from?.requester), executor = hex(from?.executor);
  if (from === null || job === null || requester === null || executor === null) return null;
  return {
    job,
    requester,
    executor,
    profile: hex(from.profile) ?? '',
    model: text(from.model, 80) || null,
    ...counts(from, ['attempt', 'promptTokens', 'tokens', 'gross', 'fee', 'net', 'epoch', 'free']),
  };
}

function findingOf(value: unknown): LedgerFinding | null {
  const from = fieldsOf(value);
  const code = text(from?.code, 32), author = hex(from?.author);
  if (from === null || !code || author === null) return null;
  return {
    code,
    author,
    core: hex(from.core) ?? '',
    ...counts(from, ['index', 'cut']),
    detail: text(from.detail, 200) ?? '',
  };
}
