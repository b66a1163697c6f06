import { equalBytes } from '../../feeds/base/mod.ts';
import { loadPoseidon } from '../poseidon/mod.ts';
import { depthOf, rootFrom } from './topk.ts';
import type { Shown } from './types.ts';

/** What an artifact says of its candidates. */
export interface TopkClaim {
  topkRoot: Uint8Array;
  /** Position of its first token in the whole answer. */
  resumeAt: number;
  tokens: number;
}

/** True if the leaf stands under the artifact's top-k root at its position. */
export async function verifyLeaf(
  { position, leaf, path }: Pick<Shown, 'position' | 'leaf' | 'path'>,
  { topkRoot, resumeAt, tokens }: TopkClaim,
): Promise<boolean> {
  const index = position - resumeAt;
  if (index < 0 || index >= tokens || path.length !== depthOf(tokens)) return false;
  const poseidon = await loadPoseidon();
  const node = poseidon.fromBytes(leaf);
  const root = node === null ? null : rootFrom(poseidon, node, path, index);
  return root !== null && equalBytes(root, topkRoot);
}
