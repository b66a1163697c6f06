import { candidateWords } from '../../circuits/mod.ts';
import { NexusError, numberOf, taggedHash } from '../../feeds/base/mod.ts';
import type { Salted } from '../../feeds/records/mod.ts';
import type { Element, Poseidon } from '../poseidon/mod.ts';
import type { Candidates } from './types.ts';

/** Words hashed in one step beside what came before. */
const STEP = 15;

/** Secret salt of one leaf: 31 bytes of a hash as a number. @param position in the whole answer */
export function leafSalt({ jobKey, job, attempt }: Salted, position: number): bigint {
  const place = new Uint8Array(8);
  new DataView(place.buffer).setUint32(0, attempt);
  new DataView(place.buffer).setUint32(4, position);
  const hash = taggedHash('nexus/topk-salt/1', jobKey, job, place);
  return numberOf(hash.subarray(1));
}

/**
 * One leaf: Poseidon over its salt and the candidates' words, where these are more than 15 in steps.
 * @throws {NexusError} `BAD_CANDIDATES`
 */
export function leafOf(poseidon: Poseidon, salt: bigint, { ids, z }: Candidates): Element {
  const words = candidateWords(ids, z);
  if (words === null) throw bad();
  let state = poseidon.hash([salt, ...words.slice(0, STEP)]);
  for (let at = STEP; at < words.length; at += STEP) {
    state = poseidon.hash([state, ...words.slice(at, at + STEP)]);
  }
  return state;
}

/** Levels above the leaves of a tree of so many. */
export function depthOf(leaves: number): number {
  let depth = 0;
  while (2 ** depth < leaves) depth++;
  return depth;
}

/** A finished tree: what its executor commits to, and what it needs to open leaves. */
export interface BuiltTree {
  /** 32 bytes. */
  root: Uint8Array;
  /** 32 bytes each: the nodes of every level from the leaves up, then an empty subtree's a level. */
  nodes: Uint8Array;
}

/** Poseidon Merkle tree, its leaves filled up with zeros to a power of two; grows leaf by leaf. */
export class TopkTree {
  readonly #poseidon: Poseidon;
  readonly #levels: Element[][] = [[]];

  constructor(poseidon: Poseidon) {
    this.#poseidon = poseidon;
  }

  push(leaf: Element): void {
    let node = leaf;
    for (let level = 0;; level++) {
      const nodes = this.#levels[level] ??= [];
      nodes.push(node);
      if (nodes.length % 2 === 1) return;
      node = this.#poseidon.hash(nodes.slice(-2));
    }
  }

  /** Null where there is no leaf. The tree cannot grow afterwards. */
  finish(): BuiltTree | null {
    const leaves = this.#levels[0]!.length;
    if (leaves === 0) return null;
    const depth = depthOf(leaves);
    const zeros = [this.#poseidon.fromBytes(new Uint8Array(32))!];
    for (let level = 0; level < depth; level++) {
      const nodes = this.#levels[level]!, zero = zeros[level]!;
      const above = this.#levels[level + 1] ??= [];
      for (let i = 2 * above.length; i < nodes.length; i += 2) {
        above.push(this.#poseidon.hash([nodes[i]!, nodes[i + 1] ?? zero]));
      }
      zeros.push(this.#poseidon.hash([zero, zero]));
    }
    const all = [...this.#levels.slice(0, depth + 1).flat(), ...zeros.slice(0, depth)];
    const nodes = new Uint8Array(32 * all.length);
    all.forEach((node, i) => nodes.set(this.#poseidon.toBytes(node), 32 * i));
    return { root: this.#poseidon.toBytes(this.#levels[depth]![0]!), nodes };
  }
}

/** Sibling hashes of a leaf, from the leaf up. */
export function pathOf(nodes: Uint8Array, leaves: number, index: number): Uint8Array[] {
  const depth = depthOf(leaves);
  const at = (i: number): Uint8Array => nodes.slice(32 * i, 32 * i + 32);
  const zeros = nodes.length / 32 - depth;
  const path: Uint8Array[] = [];
  for (let level = 0, start = 0; level < depth; level++) {
    const size = Math.ceil(leaves / 2 ** level);
    const sibling = Math.floor(index / 2 ** level) ^ 1;
    path.push(sibling < size ? at(start + sibling) : at(zeros + level));
    start += size;
  }
  return path;
}

/** The root that a leaf and its path give; null where the path is none. */
export function rootFrom(
  poseidon: Poseidon,
  leaf: Element,
  path: readonly Uint8Array[],
  index: number,
): Uint8Array | null {
  let node = leaf;
  for (const [level, bytes] of path.entries()) {
    const sibling = bytes.length === 32 ? poseidon.fromBytes(bytes) : null;
    if (sibling === null) return null;
    const isRight = Math.floor(index / 2 ** level) % 2 === 1;
    node = poseidon.hash(isRight ? [sibling, node] : [node, sibling]);
  }
  return poseidon.toBytes(node);
}

function bad(): NexusError {
  return new NexusError(
    'BAD_CANDIDATES',
    'these are no candidates: ids below 2^24, z in -32768..0',
    {
      hint: 'the engine that made them does not follow the sampler’s format',
    },
  );
}
