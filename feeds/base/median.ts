/** The middle one, or the mean of both middle ones; NaN for none. */
export function median(values: readonly number[]): number {
  const order = [...values].sort((a, b) => a - b), middle = order.length >> 1;
  if (order.length === 0) return NaN;
  return order.length % 2 === 1 ? order[middle]! : (order[middle - 1]! + order[middle]!) / 2;
}
