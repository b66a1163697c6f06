import type { Hex, Place, ProvenCheat } from '../trust/mod.ts';
import { rateOf } from './standing.ts';
import type { Attempt } from './attempt.ts';
import { trim } from './bonds.ts';
import type { Desk } from './desk.ts';
import type { Jobs } from './jobs.ts';
import type { Member } from './member.ts';
import { slashFor } from './slash.ts';
import type { Slash, SlashCause } from './types.ts';
import type { TrustRules } from '../trust/mod.ts';

/** Entries that a slash names as its evidence. */
const MOST_EVIDENCE = 64;

/** What somebody is punished for. */
export interface Misdeed {
  offender: Hex;
  cause: SlashCause;
  /** The cheated profile; null: all. */
  profile: Hex | null;
  subjects: readonly Hex[];
  finders: readonly Hex[];
  evidence: readonly Place[];
}

/** A cheat that its lifetime test proves, with those who found it. */
export function misdeedOf(
  { executor, profile, subjects }: ProvenCheat,
  { against }: Member,
): Misdeed {
  const cited = new Set(subjects);
  const spoke = against.filter(({ subject }) => cited.has(subject));
  return {
    offender: executor,
    cause: 'lifetime',
    profile,
    subjects: [...subjects],
    finders: [...new Set(spoke.map(({ auditor }) => auditor))],
    evidence: spoke.flatMap(({ place }) => place ?? []).slice(-MOST_EVIDENCE),
  };
}

/** Carries out a slash: the bond, what is not free of the cheated profile, and the record. */
export function punish(
  misdeed: Misdeed,
  jobs: Jobs,
  desk: Desk,
  audit: Pick<TrustRules, 'auditRamp' | 'auditFloor'>,
): Slash {
  const { book, world } = desk;
  const { offender, cause, profile } = misdeed;
  const member = book.member(offender);
  const paid: Attempt[] = [], free: Attempt[] = [], open: Attempt[] = [];
  for (const attempt of jobs.of(offender)) {
    // What is given back counts in no later R: a cheat could else shed most of one by a small one.
    if (profile !== null && attempt.profile !== profile) continue;
    if (attempt.state === 'open') open.push(attempt);
    else if (attempt.state === 'paid') paid.push(attempt);
    else if (attempt.payment !== null) free.push(attempt);
  }
  // The fee is held with what is not free: the client lacks nothing but what is given back here.
  const held = paid.reduce((sum, { payment }) => sum + payment!.gross, 0);
  let auditRate = rateOf(member, audit);
  for (const { rate } of paid) auditRate = Math.min(auditRate, rate);
  for (const { rate } of free) auditRate = Math.min(auditRate, rate);
  const amounts = slashFor({
    cause,
    bond: member.account.bonded,
    held,
    pending: paid.map(({ payment }) => ({ ...payment!, net: payment!.gross })),
    released: free.map(({ payment }) => payment!),
    profile,
    auditRate,
    rules: world.rules,
    offender,
    finders: misdeed.finders,
  });
  for (const attempt of paid) desk.refund(attempt);
  for (const attempt of open) desk.giveBack(attempt);
  for (const attempt of [...paid, ...open]) {
    jobs.agenda.set(attempt, world.cut + world.challengeCuts);
  }
  takeBond(amounts, member, desk, paid, free);
  member.account.violations++;
  member.account.verified = 0;
  if (cause === 'equivocation' || cause === 'fork') member.account.status = 'banned';
  else member.proven = true;
  member.account.reputation = 0;
  book.touch(member);
  const { subjects, evidence } = misdeed;
  const slash: Slash = { epoch: world.cut, offender, cause, ...amounts, subjects, evidence };
  desk.turnover.slashed += amounts.amount;
  world.emit({ type: 'slash', slash });
  return slash;
}

function takeBond(
  { amount, refunds, finders }: Pick<Slash, 'amount' | 'refunds' | 'finders'>,
  member: Member,
  desk: Desk,
  paid: readonly Attempt[],
  free: readonly Attempt[],
): void {
  const { book } = desk;
  const back = new Set(paid.map(({ job, attempt }) => `${job}:${attempt}`));
  let left = amount;
  for (const refund of refunds) {
    // What was not free is back already.
    if (back.has(`${refund.job}:${refund.attempt}`)) continue;
    book.move(member, 'bonded', book.member(refund.client), 'available', refund.amount);
    left -= refund.amount;
    desk.turnover.refunded += refund.amount;
  }
  for (const attempt of free) attempt.payment = null;
  for (const { auditor, amount: share } of finders) {
    book.move(member, 'bonded', book.member(auditor), 'available', share);
    left -= share;
  }
  book.burn(member, 'bonded', left);
  trim(member);
}
