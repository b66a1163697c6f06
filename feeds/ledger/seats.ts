import { fromHex, NCU } from '../base/mod.ts';
import { type Hex, REVEAL_WINDOW, type WeightOf, Weights } from '../trust/mod.ts';
import { ownStakeOf } from './bonds.ts';
import type { Account, MicroNcu } from './types.ts';

/** Seats at most: each witness reads the logs of all others, and each cut holds a vote of each. */
const MOST_SEATS = 32;
/** Fewer candidates could not do without one of them: 3f + 1 with f = 1. */
const LEAST_SEATS = 4;

/**
 * The weights of the seats, together, must be more than so much of all candidates' bonds. Who certifies
 * alone, with more than two thirds of them, then has more than half of all bonds; and those without a
 * seat, and what is cut off great bonds, are less than a quarter.
 */
const ENOUGH = { of: 4, parts: 3 };

/** What is known of an account that may have a seat. */
export type Candidate = Pick<
  Account,
  'key' | 'bonded' | 'unbonding' | 'owed' | 'status' | 'violations'
>;

export interface SeatsInput {
  candidates: Iterable<Candidate>;
  /** Of how many of the newest epochs an identity revealed its share of the beacon. */
  presence: (identity: Hex) => number;
  /** Whom the network file names. */
  first: readonly WeightOf[];
  /** What of their bonds counts as weight, together, at least; 0: no bonds are asked for. */
  witnessBonds: MicroNcu;
}

/**
 * Who is to certify cuts, in the order of their keys: those with the greatest bonds who are there, once
 * they are enough and have bonded enough together, also beside those who find no seat; else the first
 * witnesses, if more than two thirds of them are there. Null: whoever it is now, since a return to
 * witnesses who have gone would end all cuts.
 */
export function seatsFor({ candidates, presence, first, witnessBonds }: SeatsInput) {
  if (witnessBonds === 0) return null;
  const there = (key: Hex) => 2 * presence(key) >= REVEAL_WINDOW;
  const bonds: { key: Hex; bond: number }[] = [];
  for (const candidate of candidates) {
    const bond = unitsOf(candidate);
    if (bond > 0 && there(candidate.key)) bonds.push({ key: candidate.key, bond });
  }
  bonds.sort((a, b) => b.bond - a.bond || (a.key < b.key ? -1 : 1));
  const seated = bonds.slice(0, MOST_SEATS);
  if (seated.length >= LEAST_SEATS) {
    const cap = capOf(seated.map(({ bond }) => bond));
    const weights = seated.map(({ key, bond }) => [key, Math.min(bond, cap)] as const);
    // What is above the cap does not count: else three crumbs beside one great bond had all cuts.
    const counted = weights.reduce((sum, [, weight]) => sum + weight, 0);
    const all = bonds.reduce((sum, { bond }) => sum + bond, 0);
    const isMost = ENOUGH.of * counted > ENOUGH.parts * all;
    if (isMost && counted * NCU >= witnessBonds) return inOrder(weights);
  }
  const weights = new Weights(first);
  const here = weights.of(weights.keys().filter(there));
  return 3 * here > 2 * weights.total ? inOrder(weights.state()) : null;
}

/** Whole NCU of its own that an account has at stake; 0 for who was ever punished. */
export function unitsOf(account: Omit<Candidate, 'key'>): number {
  if (account.status === 'banned' || account.violations > 0) return 0;
  return Math.floor(ownStakeOf(account) / NCU);
}

/**
 * The greatest weight with which nobody has a third of all: then cuts go on whoever falls silent.
 * @param bonds whole numbers above 0, the greatest first: at least {@link LEAST_SEATS}
 */
export function capOf(bonds: readonly number[]): number {
  const [a, b, c] = bonds as [number, number, number];
  const behind = (from: number) => bonds.slice(from).reduce((sum, bond) => sum + bond, 0);
  // One with cap x: 3x < x + rest; two: 3x < 2x + rest; three with a fourth beside them always fit.
  const one = Math.ceil(behind(1) / 2) - 1;
  if (a <= one) return a;
  if (one >= b) return one;
  const two = behind(2) - 1;
  return two >= c ? Math.min(two, b) : c;
}

function inOrder(
  weights: readonly (readonly [Hex, number])[],
): { key: Uint8Array; weight: number }[] {
  return [...weights].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, weight]) => ({ key: fromHex(key), weight }));
}
