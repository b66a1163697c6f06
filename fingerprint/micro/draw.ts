import { taggedHash } from '../../feeds/base/mod.ts';

/** Random numbers that a nonce fixes. */
export class Draw {
  readonly #nonce: Uint8Array;
  #words: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #block = 0;

  constructor(nonce: Uint8Array) {
    this.#nonce = nonce;
  }

  /** A u32. */
  word(): number {
    if (this.#at >= this.#words.byteLength) {
      const place = new Uint8Array(4);
      new DataView(place.buffer).setUint32(0, this.#block++);
      const hash = taggedHash('nexus/micro-plan/1', this.#nonce, place);
      this.#words = new DataView(hash.buffer, hash.byteOffset, hash.length);
      this.#at = 0;
    }
    const word = this.#words.getUint32(this.#at);
    this.#at += 4;
    return word;
  }

  /** Between `low` and `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.word() / 2 ** 32;
  }

  /** Reorders in place (Fisher and Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.word() % (i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}
