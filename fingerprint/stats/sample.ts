import { median } from '../../feeds/base/mod.ts';
import { medianInterval } from '../../feeds/fingerprints/mod.ts';
import type { Spread } from '../../feeds/records/mod.ts';
import { LIMITS } from '../../feeds/records/mod.ts';
import type { Sample } from './types.ts';

/** Median absolute deviation from the median; NaN for none. */
export function mad(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

/** Standard deviation (of a sample) over mean; 0 for fewer than two values or a mean of 0. */
export function variation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (mean === 0) return 0;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1)) / Math.abs(mean);
}

/**
 * All of it: the interval is that of `medianInterval`, two of the values by their order.
 * @param values at least one, all finite
 */
export function sampleOf(values: readonly number[]): Sample {
  const order = sorted(values), { rank, confidence } = medianInterval(order.length);
  return {
    count: order.length,
    median: median(order),
    mad: mad(order),
    low: order[rank - 1] ?? NaN,
    high: order[order.length - rank] ?? NaN,
    confidence: confidence / 10_000,
    cv: variation(order),
  };
}

/** As a record has it: rates in tokens a second become whole thousandths, the endless the most. */
export function spreadOf(rates: readonly number[]): Spread {
  if (rates.length === 0) return { median: 0, mad: 0, low: 0, high: 0 };
  const { median, mad, low, high } = sampleOf(rates);
  return { median: milli(median), mad: milli(mad), low: milli(low), high: milli(high) };
}

/** Thousandths of a rate; what is no number is 0. */
export function milli(rate: number): number {
  if (Number.isNaN(rate)) return 0;
  return Math.min(LIMITS.rate, Math.max(0, Math.round(rate * 1000)));
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
