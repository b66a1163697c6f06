/**
 * Offline proof that a block stands in a log and that the log's writer signed it: Hypercore's
 * manifests, heads and Merkle paths, in plain TypeScript that needs no permission.
 * @module
 */
export type { BlockProof, HypercoreProof, SignedHead, TreeNode } from './types.ts';
export { contradicts, equivocation, verifyHead, writerOf } from './head.ts';
export { decodeBlockProof, encodeBlockProof, type InclusionProof, verifyBlock } from './block.ts';
export { decodeHead, encodeHead, type HeadEvidence, type ShownHead } from './head_codec.ts';
export { type Prefix, prefixOf, treeHashAbove, treeHashAt } from './prefix.ts';
export { logOf, verifyIdentity } from './identity.ts';
export {
  type Receipt,
  RECEIPT_LIMITS,
  type ReceiptAttempt,
  type ReceiptEntry,
  type ReceiptMessage,
  type ReceiptOpening,
  type ReceiptSampling,
} from './receipt.ts';
export {
  buildReceipt,
  entryFromJson,
  entryToJson,
  parseReceipt,
  samplingFromJson,
  samplingToJson,
} from './receipt-json.ts';
export type { SampledClaim, SamplingCheck } from './receipt-sampling.ts';
export { type ReceiptVerdict, verifyReceipt } from './receipt-verify.ts';
export { Checks, type ReceiptCheck } from './receipt-checks.ts';
export { canonical, headToJson, type Json, JsonFields } from './json.ts';
export { TreeHasher } from './tree-hasher.ts';
