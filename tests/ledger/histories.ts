import { concatBytes } from '../../feeds/base/mod.ts';
import { blake2b } from '../../feeds/proof/blake2b.ts';
import { signableOf } from '../../feeds/proof/head.ts';
import { type Prefix, prefixOf, type SignedHead } from '../../feeds/proof/mod.ts';
import {
  flatIndex,
  leafOf,
  parentOf,
  peaksOf,
  type Subtree,
  treeHashOf,
} from '../../feeds/proof/tree.ts';
import { importSigner, type Signer } from '../../feeds/records/mod.ts';

/** Hypercore's tag of a manifest, and the beginning of one with a single Ed25519 signer. */
const MANIFEST = Buffer.from(
  'e64b7108eacce47cfc61ac850568f55f8b15b82ec5ed78c4ec597b036e2a1498',
  'hex',
);
const PREFIX = Uint8Array.of(1, 0, 0, 1, 1, 0);

/** A core's writer, who can sign whatever history it likes. */
export class Writer {
  readonly key: Uint8Array;
  readonly #manifest: Uint8Array;
  readonly #signer: Signer;

  private constructor(signer: Signer) {
    this.#signer = signer;
    this.#manifest = concatBytes(PREFIX, new Uint8Array(32).fill(3), signer.publicKey);
    this.key = blake2b(MANIFEST, this.#manifest);
  }

  static async of(seed: number): Promise<Writer> {
    return new Writer(await importSigner(new Uint8Array(32).fill(seed)));
  }

  /** The head of a history of blocks. */
  async head(blocks: readonly string[], fork = 0): Promise<SignedHead> {
    const peaks = peaksOf(blocks.length);
    const nodes = peaks.map(({ start, height }) => subtree(blocks, start, height));
    const head: SignedHead = {
      key: this.key,
      length: blocks.length,
      fork,
      treeHash: treeHashOf(peaks, nodes),
      signature: new Uint8Array(68),
      manifest: this.#manifest,
    };
    const inner = await this.#signer.sign(signableOf(head));
    return { ...head, signature: concatBytes(Uint8Array.of(1, 0), inner, new Uint8Array(2)) };
  }
}

function subtree(blocks: readonly string[], start: number, height: number): Subtree {
  if (height === 0) return leafOf(new TextEncoder().encode(blocks[start]!));
  const half = 2 ** (height - 1);
  return parentOf(subtree(blocks, start, height - 1), subtree(blocks, start + half, height - 1));
}

/** What a history held at a shorter length. */
export function prefixIn(blocks: readonly string[], length: number): Prefix {
  const nodes = [];
  for (let height = 0; 2 ** height <= blocks.length; height++) {
    for (let start = 0; start + 2 ** height <= blocks.length; start += 2 ** height) {
      nodes.push({ index: flatIndex(start, height), ...subtree(blocks, start, height) });
    }
  }
  return prefixOf(length, blocks.length, nodes);
}

/** Blocks of a history that parts from `first` at `from`. */
export function history(length: number, from = length): string[] {
  return Array.from({ length }, (_, i) => i < from ? `block ${i}` : `other ${i}`);
}
