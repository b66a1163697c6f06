import { ncuText } from '../../feeds/base/mod.ts';
import type { BalanceAnswer, LedgerRows } from '../control/mod.ts';
import { atCut, type Pace } from './when.ts';

/** Own earnings, or a part of the bond, that become free with one cut. */
export interface Freeing {
  amount: number;
  /** After which they are free, if nothing is found. */
  cut: number;
}

/** Earnings that are not free yet, by the cut that frees them, earliest first: of many the newest. */
export function freeingOf(key: string, { payments, epoch }: LedgerRows): Freeing[] {
  return byCut(
    payments.filter(({ executor, free }) => executor === key && free > (epoch ?? -1))
      .map(({ net, free }) => ({ amount: net, cut: free })),
  );
}

/** One part for each cut, the earliest first. */
export function byCut(parts: readonly Freeing[]): Freeing[] {
  const cuts = new Map<number, number>();
  for (const { amount, cut } of parts) cuts.set(cut, (cuts.get(cut) ?? 0) + amount);
  return [...cuts].sort(([a], [b]) => a - b).map(([cut, amount]) => ({ amount, cut }));
}

/** Chance that the next answer is audited, 0 to 1: of a newcomer everything is. */
export function auditRateOf({ exposure }: BalanceAnswer, { own }: LedgerRows): number {
  return exposure.covered ? own?.rate ?? 1 : 1;
}

/** The fields of the event `balance`. Amounts are micro-NCU. */
export function balanceEvent(
  answer: BalanceAnswer,
  rows: LedgerRows,
): { event: string } & Record<string, unknown> {
  const { key, epoch, reading, account, spendable, credit, held, exposure } = answer;
  const { unsettled, cap, covered, n } = exposure;
  const { secret: _, key: _key, ...figures } = account ?? { secret: null, key };
  return {
    event: 'balance',
    key,
    epoch,
    reading,
    ...figures,
    spendable,
    credit,
    held,
    freeing: freeingOf(key, rows),
    auditRate: auditRateOf(answer, rows),
    unsettled,
    cap,
    covered,
    n,
  };
}

/** An account in rows of three: what, how much, and what that means. */
export function balanceLines(answer: BalanceAnswer, rows: LedgerRows, now: number): string[][] {
  const { account, spendable, held, credit, exposure } = answer;
  if (account === null) {
    return [['may spend', ncu(spendable), 'no cut covers an entry of this identity yet']];
  }
  const { available, escrow, pending, bonded, owed, reputation, verified } = account;
  const aside = held === 0
    ? ''
    : `; ${ncuText(held)} set aside for prompts and bonds that no cut covers yet`;
  const lines = [
    ['available', ncu(available), `${ncuText(spendable)} may be spent${aside}`],
    ['escrow', ncu(escrow), 'held for own prompts until settled and final'],
    ['pending', ncu(pending), pendingText(freeingOf(account.key, rows), rows, now)],
    ['bonded', ncu(bonded), bondText(answer, rows, now)],
    ['owed', ncu(owed), credit === 0 ? 'no credit is left' : `${ncuText(credit)} more on credit`],
    ['reputation', percent(reputation / 1e6), `${verified} verified epochs`],
    ['audits', percent(auditRateOf(answer, rows)), unsettledText(exposure)],
    ['in all', '', `${ncuText(account.earned)} earned, ${ncuText(account.spent)} spent`],
  ];
  if (account.status === 'banned') {
    lines.unshift(['BANNED', '', 'its bond is gone, and it neither earns nor spends any more']);
  } else if (account.violations > 0) {
    lines.push(['violations', String(account.violations), 'see nexus ledger --account']);
  }
  return lines;
}

function pendingText(freeing: readonly Freeing[], pace: Pace, now: number): string {
  const [first] = freeing, last = freeing.at(-1);
  if (first === undefined || last === undefined) return 'earned, free after the challenge window';
  const text = `earned; ${ncuText(first.amount)} free after ${atCut(first.cut, pace, now)}`;
  return first === last ? text : `${text}; the last ones after ${atCut(last.cut, pace, now)}`;
}

function bondText({ account }: BalanceAnswer, pace: Pace, now: number): string {
  const [first, ...more] = byCut(account?.unbonding ?? []);
  if (first === undefined) return 'can be slashed if this node cheats';
  const text = `${ncuText(first.amount)} of it free after ${atCut(first.cut, pace, now)}`;
  if (more.length === 0) return text;
  return `${text}; ${ncuText(more.reduce((sum, { amount }) => sum + amount, 0))} later`;
}

function unsettledText({ unsettled, cap, covered }: BalanceAnswer['exposure']): string {
  const figures = `${ncuText(unsettled)} unsettled, the bond covers ${ncuText(cap)}`;
  return covered ? figures : `${figures}: everything is audited (nexus bond)`;
}

function ncu(micro: number): string {
  return `${ncuText(micro)} NCU`;
}

/** 0 to 1 as per cent, with a decimal where it is small. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}
