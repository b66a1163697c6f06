import type { Ratio } from './types.ts';

/** Of the normal distribution: 99 %, both sides. */
const Z = 2.576;

/**
 * How the second of two samples stands to the first: the median of the ratios of all pairs, and its
 * distribution-free interval (Hodges and Lehmann's, of logarithms, by the ranks of Mann and Whitney).
 * Two intervals that were made apart and must not overlap would ask for far more.
 * @param before positive, at least one
 * @param after positive, at least one
 */
export function ratioOf(before: readonly number[], after: readonly number[]): Ratio {
  const ratios = before.flatMap((x) => after.map((y) => y / x)).sort((a, b) => a - b);
  const n = before.length, m = after.length, pairs = n * m;
  const rank = Math.max(1, Math.floor(pairs / 2 - Z * Math.sqrt(pairs * (n + m + 1) / 12)));
  const middle = pairs >> 1;
  const ratio = pairs % 2 === 1
    ? ratios[middle]!
    : Math.sqrt(ratios[middle - 1]! * ratios[middle]!);
  return { ratio, low: ratios[rank - 1]!, high: ratios[pairs - rank]! };
}
