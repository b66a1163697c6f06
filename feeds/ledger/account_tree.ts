import { fromHex, HASH_BYTES, taggedHash } from '../base/mod.ts';
import { leafHash } from './encode.ts';
import type { Hex } from '../trust/mod.ts';
import type { Account } from './types.ts';

interface Leaf {
  key: Uint8Array;
  hash: Uint8Array;
}

interface Branch {
  /** First bit, from the left, in which the keys below it differ. */
  bit: number;
  left: Node;
  right: Node;
  /** Null: something below has changed. */
  hash: Uint8Array | null;
}

type Node = Leaf | Branch;

/** One step of a path: where the keys part, and the hash of the other side. */
export interface PathStep {
  bit: number;
  sibling: Uint8Array;
}

/** Bit of a key, the highest of its first byte being 0. */
export function bitOf(key: Uint8Array, bit: number): number {
  return (key[bit >> 3]! >> (7 - (bit & 7))) & 1;
}

/** Hash of two subtrees whose keys part at a bit. */
export function branchHash(bit: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  return taggedHash('nexus/ledger-node/1', Uint8Array.of(bit), left, right);
}

/** Root of a tree without accounts. */
const EMPTY = new Uint8Array(HASH_BYTES);

/**
 * Merkle tree over accounts in the order of their keys: a binary trie that branches only where keys
 * part (Morrison's PATRICIA, 1968). Its shape follows from the keys alone, so that it is the same
 * however they came, and a change costs the hashes of one path.
 */
export class AccountTree {
  #top: Node | null = null;
  readonly #leaves = new Map<Hex, Leaf>();

  constructor(accounts: Iterable<Account> = []) {
    for (const account of accounts) this.put(account);
  }

  get size(): number {
    return this.#leaves.size;
  }

  /** Adds an account, or takes its present state in place of the one before. */
  put(account: Account): void {
    const known = this.#leaves.get(account.key);
    if (known !== undefined) {
      known.hash = leafHash(account, known.key);
      this.#touch(known.key, 256);
      return;
    }
    const key = fromHex(account.key, 32);
    const leaf: Leaf = { key, hash: leafHash(account, key) };
    this.#leaves.set(account.key, leaf);
    if (this.#top === null) {
      this.#top = leaf;
      return;
    }
    const bit = firstDifference(this.#nearest(key).key, key);
    if (bit >= 8 * key.length) throw new RangeError(`${account.key} is not in lower case`);
    const above = this.#touch(leaf.key, bit);
    const below = above === null ? this.#top : side(above, leaf.key);
    const isRight = bitOf(leaf.key, bit) === 1;
    const branch: Branch = isRight
      ? { bit, left: below, right: leaf, hash: null }
      : { bit, left: leaf, right: below, hash: null };
    if (above === null) this.#top = branch;
    else if (bitOf(leaf.key, above.bit) === 1) above.right = branch;
    else above.left = branch;
  }

  /** 32 bytes; zeros without accounts. */
  root(): Uint8Array {
    return this.#top === null ? EMPTY.slice() : hashOf(this.#top).slice();
  }

  /** Steps from an account's leaf up; null where it has none. */
  path(key: Hex): PathStep[] | null {
    const leaf = this.#leaves.get(key);
    if (leaf === undefined) return null;
    const steps: PathStep[] = [];
    let node = this.#top!;
    while ('bit' in node) {
      const isRight = bitOf(leaf.key, node.bit) === 1;
      steps.push({ bit: node.bit, sibling: hashOf(isRight ? node.left : node.right).slice() });
      node = isRight ? node.right : node.left;
    }
    return steps.reverse();
  }

  /** The leaf that a search for the key ends at. */
  #nearest(key: Uint8Array): Leaf {
    let node = this.#top!;
    while ('bit' in node) node = side(node, key);
    return node;
  }

  /** Marks the branches on the way to a key above a bit as changed; the lowest of them. */
  #touch(key: Uint8Array, before: number): Branch | null {
    let above: Branch | null = null;
    for (let node = this.#top!; 'bit' in node && node.bit < before; node = side(node, key)) {
      node.hash = null;
      above = node;
    }
    return above;
  }
}

function side(branch: Branch, key: Uint8Array): Node {
  return bitOf(key, branch.bit) === 1 ? branch.right : branch.left;
}

/** Depth is bounded by the 256 bits of a key. */
function hashOf(node: Node): Uint8Array {
  if (!('bit' in node)) return node.hash;
  return node.hash ??= branchHash(node.bit, hashOf(node.left), hashOf(node.right));
}

/** First bit in which two keys differ; beyond the last where they do not. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return 8 * i + Math.clz32(a[i]! ^ b[i]!) - 24;
}
