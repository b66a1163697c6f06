import { taggedHash } from '../../feeds/base/mod.ts';

/** An endless row of words that follow from a nonce: nobody without it can tell them. */
export class Draw {
  readonly #nonce: Uint8Array;
  #counter = 0;

  /** @param nonce 32 bytes */
  constructor(nonce: Uint8Array) {
    this.#nonce = nonce;
  }

  /** 32 bytes. */
  bytes(): Uint8Array {
    const index = new Uint8Array(4);
    new DataView(index.buffer).setUint32(0, this.#counter++);
    return taggedHash('nexus/probe-draw/1', this.#nonce, index);
  }

  /** A whole number from `least` to `most`; its bias is below 2^-20 for ranges below 2^32. */
  between(least: number, most: number): number {
    const hash = this.bytes();
    const word = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0);
    return least + Number(word % BigInt(most - least + 1));
  }

  /** The same values in another order. */
  shuffled<T>(values: readonly T[]): T[] {
    const order = [...values];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.between(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
