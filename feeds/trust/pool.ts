import type { Hex } from './types.ts';

/** Those among whom auditors are drawn, by weight. */
export class Pool {
  /** In their order, so that every reader has the same. */
  readonly keys: readonly Hex[];
  readonly #members: ReadonlySet<Hex>;
  /** Weight of each and of all before it. */
  readonly #upTo: readonly number[];

  constructor(keys: Iterable<Hex>, weightOf: (key: Hex) => number) {
    this.keys = [...keys].sort();
    this.#members = new Set(this.keys);
    let sum = 0;
    this.#upTo = this.keys.map((key) => sum += weightOf(key));
  }

  get weight(): number {
    return this.#upTo.at(-1) ?? 0;
  }

  /** How many there are besides those. */
  sizeWithout(out: ReadonlySet<Hex>): number {
    let size = this.keys.length;
    for (const key of out) if (this.#members.has(key)) size--;
    return size;
  }

  /** Whose weight a number in [0, {@link weight}) falls into. */
  at(weight: number): Hex {
    let low = 0, high = this.keys.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#upTo[middle]! > weight) high = middle;
      else low = middle + 1;
    }
    return this.keys[low]!;
  }
}
