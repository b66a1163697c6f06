import { Crypto, Hypercore, type Manifest, type TreeNode } from './native.ts';

/** Bytes of each block of a blob but the last. */
export const BLOB_BLOCK = 64 * 1024;

/** Works out the key of a blob while its blocks pass by: equal files have equal keys everywhere. */
export class BlobKey {
  /** Peaks of the Merkle tree so far, from the left. */
  readonly #peaks: (TreeNode & { height: number })[] = [];
  #blocks = 0;

  add(block: Uint8Array): void {
    let node = {
      index: 2 * this.#blocks++,
      size: block.length,
      hash: Crypto.data(block),
      height: 0,
    };
    while (this.#peaks.at(-1)?.height === node.height) {
      const left = this.#peaks.pop()!;
      node = {
        index: (left.index + node.index) / 2,
        size: left.size + node.size,
        hash: Crypto.parent(left, node),
        height: node.height + 1,
      };
    }
    this.#peaks.push(node);
  }

  /** The manifest has no signer: the tree's hash is all there is to verify. */
  manifest(): Manifest {
    return {
      version: 1,
      hash: 'blake2b',
      quorum: 0,
      signers: [],
      prologue: { length: this.#blocks, hash: Crypto.tree(this.#peaks) },
    };
  }

  key(): Uint8Array {
    return Hypercore.key(this.manifest());
  }
}
