import type { TrustRules } from '../trust/mod.ts';
import { ownStakeOf, stakeOf } from './bonds.ts';
import { mulPpm, quotient } from './cost.ts';
import type { Desk } from './desk.ts';
import type { Member } from './member.ts';
import { slashMultiple } from './slash.ts';
import type { LedgerRules, MicroNcu, Ppm } from './types.ts';
import type { LedgerWorld } from './world.ts';

const ALL = 1_000_000;
/** 10,000 of 10,000. */
const ALWAYS = 10_000;

/** What an account may owe yet: by its reputation, never more than what stays of its bond. */
export function creditOf({ account }: Member, { rules }: LedgerWorld): MicroNcu {
  if (account.status === 'banned') return 0;
  const most = Math.min(mulPpm(rules.creditLimit, account.reputation), stakeOf(account));
  return Math.max(0, most - account.owed);
}

/**
 * What is thought of an identity: v / (v + half) over its verified epochs v, times the share of its
 * attempts that ended well, less half the share of audits that could not tell.
 */
export function reputationOf(
  { account, closed, inconclusive, proven }: Member,
  { reputationHalf }: Pick<LedgerRules, 'reputationHalf'>,
): Ppm {
  if (proven || account.status === 'banned') return 0;
  const { verified, served, failed } = account;
  const record = quotient(ALL * verified, verified + reputationHalf);
  const served1 = quotient(record * (served + 1), served + failed + 1);
  return closed === 0 ? served1 : quotient(served1 * (2 * closed - inconclusive), 2 * closed);
}

/**
 * Chance of an audit that follows from an executor's record alone, of 10,000: what is audited because
 * money is not covered does not count, or the cover would depend on itself.
 */
export function rateOf(
  { clean, proven }: Member,
  { auditRamp, auditFloor }: Pick<TrustRules, 'auditRamp' | 'auditFloor'>,
): number {
  if (proven || clean <= auditRamp) return ALWAYS;
  return Math.min(ALWAYS, Math.max(auditFloor, Math.ceil(ALWAYS * auditRamp / clean)));
}

/**
 * Whether an executor's bond covers what it has not settled yet: bond / n. What is on its way out may
 * be gone before what it does now is free, and what is owed is not its own: neither covers anything.
 */
export function exposureOf(
  member: Member | undefined,
  audit: Pick<TrustRules, 'auditRamp' | 'auditFloor'>,
  rules: LedgerRules,
): { unsettled: MicroNcu; cap: MicroNcu; covered: boolean; n: number } {
  const n = slashMultiple(member === undefined ? ALWAYS : rateOf(member, audit), rules);
  const unsettled = member?.unsettled ?? 0;
  const cap = member === undefined ? 0 : quotient(ownStakeOf(member.account), n);
  return { unsettled, cap, covered: cap > 0 && unsettled <= cap, n };
}

/** Ends an epoch: what its audits and settlements made of reputations. */
export function judge(judged: ReadonlySet<Member>, { book, world, rated }: Desk): void {
  for (const member of judged) {
    if (member.okAt === world.cut && member.badAt !== world.cut) member.account.verified++;
  }
  for (const member of [...judged, ...rated]) {
    const reputation = reputationOf(member, world.rules);
    if (reputation === member.account.reputation) continue;
    member.account.reputation = reputation;
    book.touch(member);
  }
}
