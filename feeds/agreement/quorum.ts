import { fromHex, NexusError, toHex } from '../base/mod.ts';
import type { WitnessWeight } from './types.ts';

/**
 * The witnesses by weight. Less than a third of the weight may be Byzantine: then two quorums share
 * an honest witness, and the honest ones are a quorum.
 */
export class Quorum {
  /** Keys (hexadecimal) in ascending order. */
  readonly keys: readonly string[];
  /** The same with their weights. */
  readonly seats: readonly WitnessWeight[];
  readonly total: number;
  readonly #weights: ReadonlyMap<string, number>;

  /** @throws {NexusError} `WITNESSES_INVALID` if there is none, one is twice, or a weight is none */
  constructor(witnesses: readonly WitnessWeight[]) {
    const weights = new Map(witnesses.map(({ key, weight }) => [toHex(key), weight]));
    const proper = [...weights.values()].every((w) => Number.isSafeInteger(w) && w > 0);
    if (!proper || weights.size === 0 || weights.size < witnesses.length) {
      throw new NexusError('WITNESSES_INVALID', 'no proper list of witnesses', {
        hint: 'a network that is to be audited names at least one: nexus network new --witness',
      });
    }
    this.#weights = weights;
    this.keys = [...weights.keys()].sort();
    this.seats = this.keys.map((key) => ({ key: fromHex(key), weight: weights.get(key)! }));
    this.total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  }

  /** 0 for who is no witness. */
  weightOf(witness: string): number {
    return this.#weights.get(witness) ?? 0;
  }

  weigh(witnesses: Iterable<string>): number {
    let sum = 0;
    for (const witness of witnesses) sum += this.weightOf(witness);
    return sum;
  }

  /** More than two thirds. */
  isQuorum(weight: number): boolean {
    return weight * 3 > this.total * 2;
  }

  /** A third or more: at least one of them is honest. */
  hasHonest(weight: number): boolean {
    return weight * 3 >= this.total;
  }

  /** Who proposes: everyone in turn. */
  proposer(epoch: number, round: number): string {
    return this.keys[(epoch + round) % this.keys.length]!;
  }
}
