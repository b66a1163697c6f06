/** Least confidence of an interval that is to be called one, in 10,000. */
export const CONFIDENCE = 9_500;
const ALL = 10_000n;

/** Runs of {@link medianInterval} so far: the same few numbers come again and again. */
const cache = new Map<number, { rank: number; confidence: number }>();
const MOST_CACHED = 64;

/**
 * Which of `count` sorted runs bound their true median: the `rank`-th from either end, the narrowest
 * with a confidence of at least 95 %, or the outermost where even that has less. No assumption about
 * the distribution but that runs are independent and continuous (David and Nagaraja, Order
 * Statistics, 7.1): the confidence is 1 - 2 * sum over i < rank of C(n, i) / 2^n, rounded down.
 * @returns rank from 1, confidence in 10,000; both 0 for no runs
 */
export function medianInterval(count: number): { rank: number; confidence: number } {
  if (count < 1) return { rank: 0, confidence: 0 };
  const known = cache.get(count);
  if (known !== undefined) return known;
  const all = 1n << BigInt(count);
  let rank = 1, below = 1n, choose = 1n;
  let confidence = share(all - 2n * below, all);
  for (let i = 1; 2 * i < count; i++) {
    choose = choose * BigInt(count - i + 1) / BigInt(i);
    const narrower = share(all - 2n * (below + choose), all);
    if (narrower < CONFIDENCE) break;
    below += choose;
    rank = i + 1;
    confidence = narrower;
  }
  if (cache.size >= MOST_CACHED) cache.clear();
  const found = { rank, confidence };
  cache.set(count, found);
  return found;
}

function share(part: bigint, all: bigint): number {
  return part <= 0n ? 0 : Number(part * ALL / all);
}

/** The middle one; of an even number, the lower of both: what fewer than half of them cannot move. */
export function lowerMedian(values: readonly number[]): number {
  return sorted(values)[(values.length - 1) >> 1] ?? 0;
}

/** The middle one; of an even number, the upper of both. */
export function upperMedian(values: readonly number[]): number {
  return sorted(values)[values.length >> 1] ?? 0;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
