import { taggedHash } from '../base/mod.ts';

/**
 * A permutation of `0..count-1`, uniform over the 32-byte draw: the order in which positions are
 * tested. The draw becomes known after the artifact is fixed, so no executor knows where a test will
 * stop.
 */
export function drawOrder(draw: Uint8Array, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  const next = words(draw);
  // Fisher and Yates, with the part of the range that does not divide evenly refused.
  for (let i = count - 1; i > 0; i--) {
    const limit = 2 ** 32 - 2 ** 32 % (i + 1);
    let word = next();
    while (word >= limit) word = next();
    const j = word % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** An endless row of 32-bit words from a draw. */
function words(draw: Uint8Array): () => number {
  let block: DataView | null = null, at = 0, counter = 0;
  return () => {
    if (block === null || at === block.byteLength) {
      const index = new Uint8Array(4);
      new DataView(index.buffer).setUint32(0, counter++);
      const hash = taggedHash('nexus/audit-order/1', draw, index);
      block = new DataView(hash.buffer, hash.byteOffset, hash.length);
      at = 0;
    }
    const word = block.getUint32(at);
    at += 4;
    return word;
  };
}
