import { leafOf, parentOf, type Peak, type Subtree, treeHashOf } from './tree.ts';

/** Hashes a core's blocks in their order: the tree hash after each of them, without any proof. */
export class TreeHasher {
  readonly #peaks: { peak: Peak; node: Subtree }[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(block: Uint8Array): void {
    this.#peaks.push({ peak: { start: this.#length, height: 0 }, node: leafOf(block) });
    this.#length++;
    for (;;) {
      const left = this.#peaks.at(-2), right = this.#peaks.at(-1);
      if (left === undefined || left.peak.height !== right!.peak.height) return;
      const peak = { start: left.peak.start, height: left.peak.height + 1 };
      this.#peaks.splice(-2, 2, { peak, node: parentOf(left.node, right!.node) });
    }
  }

  /** What the core's writer signs at this length, and cuts name: 32 bytes. */
  get hash(): Uint8Array {
    return treeHashOf(this.#peaks.map(({ peak }) => peak), this.#peaks.map(({ node }) => node));
  }
}
