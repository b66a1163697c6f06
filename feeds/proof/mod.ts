/**
 * Offline proof that a block stands in a log and that the log's writer signed it: Hypercore's
 * manifests, heads and Merkle paths, in plain TypeScript that needs no permission.
 * @module
 */
export type { BlockProof, HypercoreProof, SignedHead, TreeNode } from './types.ts';
export { equivocation, verifyHead, writerOf } from './head.ts';
export {
  decodeBlockProof,
  encodeBlockProof,
  type InclusionProof,
  verifyBlock,
  verifyInclusion,
} from './block.ts';
export { logOf, verifyIdentity } from './identity.ts';
