import type { Outcome } from './run.ts';

/** Student's t for 95 %, by degrees of freedom from 1 on; then that of 30. */
const T95 = [
  12.7,
  4.3,
  3.18,
  2.78,
  2.57,
  2.45,
  2.36,
  2.31,
  2.26,
  2.23,
  2.2,
  2.18,
  2.16,
  2.14,
  2.13,
];

/** Mean and half of its 95 % confidence interval; infinite for a single value. */
export function interval(values: readonly number[]): { mean: number; half: number } {
  const n = values.length, mean = values.reduce((sum, one) => sum + one, 0) / n;
  const spread = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1);
  const t = T95[n - 2] ?? (n > 16 ? 2.09 : 2.13);
  return { mean, half: n < 2 ? Infinity : t * Math.sqrt(spread / n) };
}

/** What a strategy gains over honesty with the same nodes and seeds, as a part of honest profit. @param share the operator's nodes in 1,000 */
export function advantage(
  cheated: readonly Outcome[],
  honest: readonly Outcome[],
  share: number,
): { mean: number; half: number } {
  const scale = Math.abs(interval(honest.map(({ profit }) => profit[share]!)).mean) || 1;
  return interval(
    cheated.map(({ profit }, i) => (profit[share]! - honest[i]!.profit[share]!) / scale),
  );
}

/** As a percentage with its sign. */
export function percent({ mean, half }: { mean: number; half: number }): string {
  const digits = Math.abs(mean) < 0.1 ? 1 : 0;
  return `${mean > 0 ? '+' : ''}${(100 * mean).toFixed(digits)} ± ${
    (100 * half).toFixed(digits)
  } %`;
}
