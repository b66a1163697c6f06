/** A core's signed length, captured when it was the newest: it can be checked offline later. */
export interface SignedHead {
  /** Key of the core: the hash of its manifest. */
  key: Uint8Array;
  length: number;
  fork: number;
  treeHash: Uint8Array;
  /** Hypercore's multi-signature form, 68 bytes. */
  signature: Uint8Array;
  /** Encoded manifest; its hash is `key`. */
  manifest: Uint8Array;
}

/** Block `index` of a core with the nodes that lead to a signed head. */
export interface BlockProof {
  head: SignedHead;
  index: number;
  /** Made by `encodeBlockProof`. */
  proof: Uint8Array;
}

/** A node of Hypercore's Merkle tree; `size` is in bytes of all blocks below. */
export interface TreeNode {
  index: number;
  size: number;
  hash: Uint8Array;
}

/**
 * The part that matters of what
 * `core.proof({ block: { index, nodes: 0 }, upgrade: { start: 0, length } })` returns.
 */
export interface HypercoreProof {
  fork: number;
  block: { index: number; nodes: TreeNode[] } | null;
  upgrade: { start: number; length: number; nodes: TreeNode[] } | null;
}
