import { taggedHash } from '../../feeds/base/mod.ts';

/** Hash of one row; bound to the nonce and its place. @param cells its residues, in order */
export function rowHash(nonce: Uint8Array, index: number, cells: Uint16Array): Uint8Array {
  const place = new Uint8Array(4);
  new DataView(place.buffer).setUint32(0, index);
  const bytes = new Uint8Array(2 * cells.length);
  // Little-endian whatever the processor: roots of different machines are compared.
  if (LITTLE_ENDIAN) new Uint16Array(bytes.buffer).set(cells);
  else cells.forEach((cell, i) => bytes.set([cell & 255, cell >> 8], 2 * i));
  return taggedHash('nexus/raw-row/1', nonce, place, bytes);
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Binary Merkle tree; a node without a sibling moves up as it is. */
export class RowTree {
  readonly root: Uint8Array;
  readonly #levels: Uint8Array[][];

  /** @param leaves at least one, 32 bytes each */
  constructor(leaves: readonly Uint8Array[]) {
    let level = [...leaves];
    this.#levels = [level];
    while (level.length > 1) {
      const above: Uint8Array[] = [];
      for (let i = 0; i < level.length; i += 2) {
        const right = level[i + 1];
        above.push(right === undefined ? level[i]! : parent(level[i]!, right));
      }
      this.#levels.push(level = above);
    }
    this.root = level[0]!;
  }

  /** Siblings of a leaf, from the leaf up. */
  path(index: number): Uint8Array[] {
    const path: Uint8Array[] = [];
    for (const level of this.#levels.slice(0, -1)) {
      const sibling = level[index ^ 1];
      if (sibling !== undefined) path.push(sibling);
      index >>= 1;
    }
    return path;
  }
}

/** The root that a leaf of a tree of `count` leaves gives; null where the path cannot be its own. */
export function rootFrom(
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
): Uint8Array | null {
  let node = leaf, used = 0;
  for (let size = count; size > 1; size = Math.ceil(size / 2), index >>= 1) {
    if ((index ^ 1) >= size) continue;
    const sibling = path[used++];
    if (sibling?.length !== 32) return null;
    node = index % 2 === 0 ? parent(node, sibling) : parent(sibling, node);
  }
  return used === path.length ? node : null;
}

function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  return taggedHash('nexus/raw-node/1', left, right);
}
