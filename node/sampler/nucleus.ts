import { weight } from './noise.ts';

/**
 * Indices of the smallest set of likeliest candidates that holds the share `pq / 65536` of the
 * weight at temperature `tq` (top-p), in integers: likeliest first, equal ones by token id.
 */
export function nucleus(
  ids: ArrayLike<number>,
  z: ArrayLike<number>,
  tq: number,
  pq: number,
): number[] {
  const order = Array.from({ length: ids.length }, (_, i) => i);
  order.sort((a, b) => z[b]! - z[a]! || ids[a]! - ids[b]!);
  const weights = order.map((at) => weight(z[at]!, tq));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const enough = share(total, pq);
  let sum = 0, kept = 0;
  do sum += weights[kept++]!; while (kept < order.length && sum < enough);
  return order.slice(0, kept);
}

/** floor(total * pq / 65536) without leaving the exact integers of a double. */
function share(total: number, pq: number): number {
  const high = Math.floor(total / 65536), low = total % 65536;
  return high * pq + Math.floor((low * pq) / 65536);
}
