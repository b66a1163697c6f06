import { taggedHash } from '../../feeds/base/mod.ts';

/** An endless row of numbers that follow from a nonce: nobody without it can tell them. */
export class Draw {
  readonly #tag: string;
  readonly #nonce: Uint8Array;
  #counter = 0;
  #words = new DataView(new ArrayBuffer(0));
  #at = 0;

  /**
   * @param tag what is drawn: the same nonce gives others for something else
   * @param nonce 32 bytes
   */
  constructor(tag: string, nonce: Uint8Array) {
    this.#tag = tag;
    this.#nonce = nonce;
  }

  /** 32 bytes. */
  bytes(): Uint8Array {
    const index = new Uint8Array(4);
    new DataView(index.buffer).setUint32(0, this.#counter++);
    return taggedHash(this.#tag, this.#nonce, index);
  }

  /** A u32. */
  word(): number {
    if (this.#at >= this.#words.byteLength) {
      const { buffer, byteOffset, length } = this.bytes();
      this.#words = new DataView(buffer as ArrayBuffer, byteOffset, length);
      this.#at = 0;
    }
    const word = this.#words.getUint32(this.#at);
    this.#at += 4;
    return word;
  }

  /** A number in `[low, high)`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.word() / 2 ** 32;
  }

  /** A whole number from `least` to `most`; its bias is below 2^-20 for ranges below 2^32. */
  whole(least: number, most: number): number {
    const hash = this.bytes();
    const word = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0);
    return least + Number(word % BigInt(most - least + 1));
  }

  /** The same values in another order (Fisher and Yates). */
  shuffled<T>(values: readonly T[]): T[] {
    const order = [...values];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.whole(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
