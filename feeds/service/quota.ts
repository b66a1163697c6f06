/** Something whose payload may be dropped. */
export interface Holding {
  /** Bytes held, estimated. */
  bytes: number;
  /** Least recently used first. */
  at: number;
  /** Drops at least so many bytes of payload, if it has them. */
  drop(bytes: number): Promise<void>;
}

/**
 * Brings holdings back under the quota: the least recently used first, and a tenth below, so that
 * the next block does not start it again.
 * @returns bytes that were to be dropped
 */
export async function enforceQuota(holdings: Holding[], quotaBytes: number): Promise<number> {
  const total = holdings.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= quotaBytes) return 0;
  let excess = total - Math.floor(0.9 * quotaBytes);
  const dropped = excess;
  for (const holding of holdings.toSorted((a, b) => a.at - b.at)) {
    if (excess <= 0) break;
    await holding.drop(excess);
    excess -= Math.min(excess, holding.bytes);
  }
  return dropped;
}
