import { equalBytes, messageOf } from '../base/mod.ts';
import { type Codec, decodeWith, encodeWith, fixed, list, struct, uint } from '../records/mod.ts';
import { refused } from './error.ts';
import { verifyHead } from './head.ts';
import {
  flatIndex,
  leafOf,
  parentOf,
  type Peak,
  peaksOf,
  type Subtree,
  treeHashOf,
} from './tree.ts';
import type { BlockProof, HypercoreProof } from './types.ts';

/** An inclusion proof: what is missing to get from a block to the tree hash. */
export interface InclusionProof {
  version: number;
  /** Siblings from the leaf up to its peak. */
  path: Subtree[];
  /** The other peaks, from the left. */
  peaks: Subtree[];
}

/** Peaks and path of a core of 2^53 blocks. */
const MAX_HEIGHT = 53;
const MAX_BYTES = 8 * 1024;
const subtree = struct<Subtree>({ size: uint(), hash: fixed(32) });
const inclusion: Codec<InclusionProof> = struct<InclusionProof>({
  version: uint(1, 1),
  path: list(subtree, MAX_HEIGHT),
  peaks: list(subtree, MAX_HEIGHT),
});

/** The peak that holds a block, with its place among the peaks. */
function peakWith(peaks: readonly Peak[], index: number): { peak: Peak; at: number } | null {
  const at = peaks.findIndex((peak) => index - peak.start < 2 ** peak.height);
  return at < 0 || index < 0 ? null : { peak: peaks[at]!, at };
}

const sideOf = (index: number, level: number): number => Math.floor(index / 2 ** level) % 2;

/**
 * Encodes what Hypercore's `core.proof({ block: { index, nodes: 0 }, upgrade: { start: 0, length } })`
 * returns, as {@link BlockProof} carries it. Only what cannot be derived is kept, so that there is
 * one encoding of a proof and no bit of it is idle.
 * @throws {NexusError} `PROOF_INCOMPLETE` if nodes are missing (another kind of proof)
 */
export function encodeBlockProof(proof: HypercoreProof): Uint8Array {
  const { block, upgrade } = proof;
  const peaks = upgrade === null ? [] : peaksOf(upgrade.start + upgrade.length);
  const found = block === null ? null : peakWith(peaks, block.index);
  if (block === null || upgrade === null || upgrade.start !== 0 || found === null) {
    throw refused('PROOF_INCOMPLETE', 'a proof needs a block and an upgrade from 0');
  }
  const nodes = new Map([...upgrade.nodes, ...block.nodes].map((node) => [node.index, node]));
  const take = (start: number, height: number): Subtree => {
    const node = nodes.get(flatIndex(start, height));
    if (node === undefined) throw refused('PROOF_INCOMPLETE', 'the proof lacks a node');
    return { size: node.size, hash: node.hash };
  };
  const path = Array.from({ length: found.peak.height }, (_, level) => {
    const own = Math.floor(block.index / 2 ** level);
    const sibling = own % 2 === 0 ? own + 1 : own - 1;
    return take(sibling * 2 ** level, level);
  });
  const others = peaks.filter((peak) => peak !== found.peak);
  const value = { version: 1, path, peaks: others.map((p) => take(p.start, p.height)) };
  return encodeWith(inclusion, value, MAX_BYTES);
}

/**
 * Decodes the bytes of {@link encodeBlockProof}.
 * @throws {NexusError} `PROOF_BAD_ENCODING`
 */
export function decodeBlockProof(bytes: Uint8Array): InclusionProof {
  try {
    return decodeWith(inclusion, bytes, MAX_BYTES);
  } catch (thrown) {
    throw refused('PROOF_BAD_ENCODING', `not a block proof: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/**
 * Checks that `value` is block `proof.index` under the tree hash of the head, whose signature is
 * *not* checked here.
 * @throws {NexusError} `PROOF_BAD_BLOCK` or `PROOF_BAD_ENCODING`
 */
function verifyInclusion(proof: BlockProof, value: Uint8Array): void {
  const { head, index } = proof;
  const { path, peaks: others } = decodeBlockProof(proof.proof);
  const peaks = Number.isSafeInteger(head.length) ? peaksOf(head.length) : [];
  const found = Number.isSafeInteger(index) ? peakWith(peaks, index) : null;
  if (found === null || path.length !== found.peak.height || others.length !== peaks.length - 1) {
    throw refused('PROOF_BAD_BLOCK', `the proof is not of block ${index} of ${head.length}`);
  }
  const top = path.reduce<Subtree>(
    (below, sibling, level) =>
      sideOf(index, level) === 0 ? parentOf(below, sibling) : parentOf(sibling, below),
    leafOf(value),
  );
  const nodes = [...others.slice(0, found.at), top, ...others.slice(found.at)];
  // Sizes that add up beyond exact integers cannot be told apart.
  const exact = nodes.every((node) => Number.isSafeInteger(node.size));
  if (!exact || !equalBytes(treeHashOf(peaks, nodes), head.treeHash)) {
    throw refused('PROOF_BAD_BLOCK', `block ${index} is not what its log holds there`);
  }
}

/**
 * Checks that `value` is block `proof.index` of a core whose writer signed the head.
 * @throws {NexusError} as {@link verifyInclusion} and `verifyHead`
 */
export async function verifyBlock(proof: BlockProof, value: Uint8Array): Promise<void> {
  verifyInclusion(proof, value);
  await verifyHead(proof.head);
}
