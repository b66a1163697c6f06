import { toHex } from '../base/mod.ts';
import type { Hex, WeightOf } from './types.ts';

/** Who certifies cuts, as of the newest one, and how much each counts. */
export class Weights {
  #weights: ReadonlyMap<Hex, number> = new Map();
  #total = 0;

  constructor(witnesses: readonly WeightOf[]) {
    this.load(witnesses.map(({ key, weight }) => [toHex(key), weight]));
  }

  /** From what {@link state} gave. */
  static of(weights: Iterable<readonly [Hex, number]>): Weights {
    const made = new Weights([]);
    made.load(weights);
    return made;
  }

  /** @returns whether anything is different now */
  set(witnesses: readonly WeightOf[]): boolean {
    const next = new Weights(witnesses);
    const isNew = !this.equals(next);
    this.load(next.#weights);
    return isNew;
  }

  equals(others: Weights): boolean {
    return others.#weights.size === this.#weights.size &&
      [...this.#weights].every(([key, weight]) => others.#weights.get(key) === weight);
  }

  state(): [Hex, number][] {
    return [...this.#weights];
  }

  load(weights: Iterable<readonly [Hex, number]>): void {
    this.#weights = new Map(weights);
    this.#total = 0;
    for (const weight of this.#weights.values()) this.#total += weight;
  }

  get total(): number {
    return this.#total;
  }

  keys(): Hex[] {
    return [...this.#weights.keys()];
  }

  has(key: Hex): boolean {
    return this.#weights.has(key);
  }

  /** Undefined for who is none of them. */
  get(key: Hex): number | undefined {
    return this.#weights.get(key);
  }

  /** Of several together; who is none of them counts nothing. */
  of(keys: Iterable<Hex>): number {
    let sum = 0;
    for (const key of keys) sum += this.get(key) ?? 0;
    return sum;
  }
}
