import { areApart, type Interval } from '../../feeds/fingerprints/mod.ts';
import { sampleOf } from '../stats/mod.ts';
import type { RawResult } from './types.ts';

/** Runs that make a class: their 95 % interval leaves out nine outliers on either side. */
export const RAW_RUNS = 31;
/** Two classes that lie further apart are not one machine's in one condition; in 10,000. */
const RAW_TOLERANCE = 1500;

/** The rate's class: an interval of its median over several runs, thousand operations a second. */
export function rawClass(runs: readonly Pick<RawResult, 'rate'>[]): Interval {
  const { low, high, confidence } = sampleOf(runs.map(({ rate }) => rate));
  return {
    low: Math.round(1000 * low),
    high: Math.round(1000 * high),
    confidence: Math.floor(10_000 * confidence),
  };
}

/** True where a machine has left its class: throttled, shared, exchanged. */
export function rawChanged(
  from: Interval,
  to: Interval,
  tolerance: number = RAW_TOLERANCE,
): boolean {
  return areApart(from, to, tolerance);
}
