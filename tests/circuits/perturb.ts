import { FIELD } from '../../circuits/mod.ts';
import type { R1cs } from './r1cs.ts';

/**
 * Signals (but the constant) that can be replaced in a witness without any constraint noticing: each is
 * one that is under-constrained.
 * @param value what to put in place of each
 */
export function looseSignals(
  { constraints, signals }: R1cs,
  witness: readonly bigint[],
  value: (signal: number) => bigint,
): number[] {
  const sums = constraints.map((sides) =>
    sides.map((side) => side.reduce((sum, [at, factor]) => sum + witness[at]! * factor, 0n))
  );
  const places = Array.from({ length: signals }, () => new Map<number, bigint[]>());
  for (const [i, sides] of constraints.entries()) {
    for (const [side, linear] of sides.entries()) {
      for (const [signal, factor] of linear) {
        const factors = places[signal]!.get(i) ?? [0n, 0n, 0n];
        factors[side]! += factor;
        places[signal]!.set(i, factors);
      }
    }
  }
  const isNoticed = (signal: number): boolean => {
    const by = value(signal) - witness[signal]!;
    if (by % FIELD === 0n) return true;
    for (const [i, factors] of places[signal]!) {
      const [a, b, c] = factors.map((factor, side) => sums[i]![side]! + factor * by);
      if ((a! * b! - c!) % FIELD !== 0n) return true;
    }
    return false;
  };
  return Array.from({ length: signals - 1 }, (_, i) => i + 1).filter((one) => !isNoticed(one));
}
