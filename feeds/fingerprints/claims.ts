import { combine, ENDLESS } from './combine.ts';
import type { Claim, Contradicted, Figure, Interval, Measured, SpeedClass } from './types.ts';

const ALL = 10_000n;

/** How a number stands to an interval that is widened by a tolerance in 10,000. */
export function standsTo(
  value: number,
  { low, high }: Pick<Interval, 'low' | 'high'>,
  tolerance: number,
): 'below' | 'within' | 'above' {
  const wide = ALL + BigInt(tolerance);
  if (BigInt(value) * ALL > BigInt(high) * wide) return 'above';
  return BigInt(low) * ALL > BigInt(value) * wide ? 'below' : 'within';
}

/** True if two intervals lie apart by more than a tolerance in 10,000. */
export function areApart(a: Interval, b: Interval, tolerance: number): boolean {
  return standsTo(a.low, b, tolerance) === 'above' || standsTo(b.low, a, tolerance) === 'above';
}

/** Figures by which two classes of one machine differ: rates, and how much context it has. */
export function changedFigures(from: SpeedClass, to: SpeedClass, tolerance: number): Figure[] {
  const figures = ['prefill', 'decode', 'streamRate'] as const;
  return figures.filter((figure) => {
    const [a, b] = [from[figure], to[figure]];
    return a !== null && b !== null && areApart(a, b, tolerance);
  });
}

/** Numbers that an executor says of itself. */
export type ClaimedFigures = Pick<
  Claim,
  'prefill' | 'decode' | 'streams' | 'streamRate' | 'context'
>;

/**
 * What of a claim lies above all that was measured, by more than the tolerance. Who claims less than
 * it can do harms nobody. A total is judged only where most challengers tried as many jobs at once
 * as the claim names.
 * @param machine null where two do not agree on one: a claim that lies above what either found is false
 * all the same
 */
export function contradictions(
  claim: ClaimedFigures,
  machine: SpeedClass | null,
  measured: readonly Measured[],
  tolerance: number,
): Contradicted[] {
  if (machine === null || measured.length === 2) return byBoth(claim, machine, measured, tolerance);
  return contradictedBy(claim, machine, measured, tolerance);
}

/** Of two, each has to contradict it on its own: their common interval is narrower than an honest one's. */
function byBoth(
  claim: ClaimedFigures,
  machine: SpeedClass | null,
  measured: readonly Measured[],
  tolerance: number,
): Contradicted[] {
  const each = measured.map((one) => contradictedBy(claim, combine([one]), [one], tolerance));
  const of = (figure: Figure) => each.map((found) => found.find((one) => one.figure === figure));
  const all = machine === null ? each[0]! : contradictedBy(claim, machine, measured, tolerance);
  return all.filter(({ figure }) => !of(figure).includes(undefined)).map((found) => {
    if (machine !== null) return found;
    const both = of(found.figure) as Contradicted[];
    const low = Math.min(...both.map(({ low }) => low));
    return { ...found, low, high: Math.max(...both.map(({ high }) => high)) };
  });
}

function contradictedBy(
  claim: ClaimedFigures,
  machine: SpeedClass,
  measured: readonly Measured[],
  tolerance: number,
): Contradicted[] {
  const tried =
    measured.filter(({ streams }) => (streams.at(-1)?.streams ?? 0) >= claim.streams).length;
  const intervals: [Figure, Interval | null][] = [
    ['prefill', machine.prefill],
    ['decode', machine.decode],
    ['streamRate', 2 * tried > measured.length ? machine.streamRate : null],
  ];
  const found = intervals.flatMap(([figure, interval]): Contradicted[] => {
    if (interval === null || standsTo(claim[figure], interval, tolerance) !== 'above') return [];
    return [{ figure, claimed: claim[figure], low: interval.low, high: interval.high }];
  });
  const { low, high } = machine.context;
  if (high < ENDLESS && claim.context > high) {
    found.push({ figure: 'context', claimed: claim.context, low, high });
  }
  return found;
}
