import { equalBytes } from '../base/mod.ts';
import { refused } from './error.ts';
import { flatIndex, parentOf, type Peak, peaksOf, type Subtree, treeHashOf } from './tree.ts';
import type { SignedHead, TreeNode } from './types.ts';

/** What leads from a shorter length of a core to the tree of a longer one. */
export interface Prefix {
  /** Peaks of the shorter length, from the left. */
  peaks: Subtree[];
  /** The other subtrees that the longer one's peaks are made of, from the left. */
  nodes: Subtree[];
}

type Take = (start: number, height: number) => Subtree;

/** The peak of a longer length; `inside` gives what lies below the shorter one, `beyond` the rest. */
function climb({ start, height }: Peak, length: number, inside: Take, beyond: Take): Subtree {
  const blocks = 2 ** height;
  if (start >= length) return beyond(start, height);
  // Aligned and whole, hence one of the shorter length's own peaks.
  if (start + blocks <= length) return inside(start, height);
  const left = { start, height: height - 1 };
  const right = { start: start + blocks / 2, height: height - 1 };
  return parentOf(climb(left, length, inside, beyond), climb(right, length, inside, beyond));
}

/**
 * Makes the proof of what a core of `to` blocks held at length `from`.
 * @param nodes of Hypercore's `core.proof({ upgrade: { start: 0, length: from } })` and of
 * `core.proof({ upgrade: { start: from, length: to - from } })`
 * @throws {NexusError} `PROOF_INCOMPLETE`
 */
export function prefixOf(from: number, to: number, nodes: readonly TreeNode[]): Prefix {
  const found = new Map(nodes.map((node) => [node.index, node]));
  const take: Take = (start, height) => {
    const node = found.get(flatIndex(start, height));
    if (node === undefined) throw refused('PROOF_INCOMPLETE', 'the proof lacks a node');
    return { size: node.size, hash: new Uint8Array(node.hash) };
  };
  const others: Subtree[] = [];
  const beyond: Take = (start, height) => {
    const node = take(start, height);
    others.push(node);
    return node;
  };
  for (const peak of peaksOf(to)) climb(peak, from, take, beyond);
  return {
    peaks: peaksOf(from).map(({ start, height }) => take(start, height)),
    nodes: others,
  };
}

/**
 * The tree hash at a length that a prefix of a shorter one leads to.
 * @throws {NexusError} `PROOF_BAD_PREFIX`
 */
export function treeHashAbove(from: number, to: number, prefix: Prefix): Uint8Array {
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to);
  const own = whole && from >= 1 && from < to ? peaksOf(from) : [];
  if (own.length === 0 || prefix.peaks.length !== own.length) throw bad();
  let used = 0;
  const inside: Take = (start) => prefix.peaks[own.findIndex((peak) => peak.start === start)]!;
  const beyond: Take = () => {
    const node = prefix.nodes[used++];
    if (node === undefined) throw bad();
    return node;
  };
  const peaks = peaksOf(to);
  const tops = peaks.map((peak) => climb(peak, from, inside, beyond));
  const exact = tops.every(({ size }) => Number.isSafeInteger(size));
  if (!exact || used !== prefix.nodes.length) throw bad();
  return treeHashOf(peaks, tops);
}

/**
 * The tree hash that the core of a head had at a shorter length; the head's signature is *not*
 * checked here.
 * @throws {NexusError} `PROOF_BAD_PREFIX` if the proof does not lead to the head's tree
 */
export function treeHashAt(head: SignedHead, length: number, prefix: Prefix): Uint8Array {
  if (!equalBytes(treeHashAbove(length, head.length, prefix), head.treeHash)) throw bad();
  return treeHashOf(peaksOf(length), prefix.peaks);
}

function bad() {
  return refused('PROOF_BAD_PREFIX', 'the shorter length does not lead to the head');
}
