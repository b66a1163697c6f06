import type { Salted } from '../../feeds/records/mod.ts';
import type { TopkClaim } from './leaf.ts';
import type { Poseidon } from '../poseidon/mod.ts';
import { type BuiltTree, leafOf, leafSalt, TopkTree } from './topk.ts';
import type { Candidates, Opening } from './types.ts';

/** What the thread that builds trees is told to build: it goes between threads as it is. */
export interface TopkTask {
  id: number;
  of: Salted;
  /** Position of the first candidates in the whole answer. */
  from: number;
  candidates: readonly Candidates[];
}

/** What it answers. */
export interface TopkResult {
  id: number;
  /** Null for candidates that are none. */
  tree: BuiltTree | null;
}

/** Openings that it is to compare with what an artifact says. */
export interface CheckTask {
  id: number;
  of: Salted;
  claim: TopkClaim;
  openings: readonly Opening[];
}

/** What it answers: which of them stand under the root. */
export interface CheckResult {
  id: number;
  hold: boolean[];
}

/** Builds the tree over the candidates of one attempt: about half a millisecond a position. */
export function buildTopk(
  poseidon: Poseidon,
  { of, from, candidates }: Omit<TopkTask, 'id'>,
): BuiltTree | null {
  const tree = new TopkTree(poseidon);
  try {
    candidates.forEach((one, i) => tree.push(leafOf(poseidon, leafSalt(of, from + i), one)));
  } catch {
    return null;
  }
  return tree.finish();
}
