import { blake2b } from './blake2b.ts';

/** Hash and byte size of a subtree. */
export interface Subtree {
  size: number;
  hash: Uint8Array;
}

/** A full subtree of 2^height blocks that starts at block `start`. */
export interface Peak {
  start: number;
  height: number;
}

// First bytes of what is hashed: leaf, parent and root can never be taken for each other.
const LEAF = Uint8Array.of(0);
const PARENT = Uint8Array.of(1);
const ROOT = Uint8Array.of(2);

/** An unsigned 64-bit number, little-endian. */
export function u64(n: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, n % 0x1_0000_0000, true);
  view.setUint32(4, Math.floor(n / 0x1_0000_0000), true);
  return new Uint8Array(view.buffer);
}

/** The leaf of a block. */
export function leafOf(block: Uint8Array): Subtree {
  return { size: block.length, hash: blake2b(LEAF, u64(block.length), block) };
}

/** The parent of two neighbours, left first. */
export function parentOf(left: Subtree, right: Subtree): Subtree {
  const size = left.size + right.size;
  return { size, hash: blake2b(PARENT, u64(size), left.hash, right.hash) };
}

/** The largest full subtrees of a core of `length` blocks, from the left. */
export function peaksOf(length: number): Peak[] {
  const peaks: Peak[] = [];
  let start = 0;
  for (let height = Math.floor(Math.log2(Math.max(1, length))) + 1; height >= 0; height--) {
    const blocks = 2 ** height;
    if (length - start < blocks) continue;
    peaks.push({ start, height });
    start += blocks;
  }
  return peaks;
}

/** Number of a subtree's root in Hypercore's flat tree. */
export function flatIndex(start: number, height: number): number {
  return 2 * start + 2 ** height - 1;
}

/** The hash over all peaks: what a core's writer signs. */
export function treeHashOf(peaks: readonly Peak[], nodes: readonly Subtree[]): Uint8Array {
  const parts = peaks.flatMap((peak, i) => [
    nodes[i]!.hash,
    u64(flatIndex(peak.start, peak.height)),
    u64(nodes[i]!.size),
  ]);
  return blake2b(ROOT, ...parts);
}
