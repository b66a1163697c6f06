import { toHex } from '../base/mod.ts';
import { SEATS_LAG } from '../agreement/mod.ts';
import { type Hex, type TrustCut, type WeightOf, Weights } from '../trust/mod.ts';
import type { ElectorateView } from './types.ts';

/** Who certified which cut. Plain data. */
export interface ElectorsState {
  /** Oldest first, with the first epoch of each. */
  kept: { since: number; weights: [Hex, number][] }[];
  coming: ElectorateView['coming'];
}

/** A cut, as far as it says who certifies it, and who comes after them. */
export type ElectedCut = Pick<TrustCut, 'epoch' | 'electorate' | 'seats'>;

/** Who certified the cuts of the newest epochs. */
export class Electors {
  readonly #first: readonly WeightOf[];
  #kept: { since: number; weights: Weights }[];
  #coming: ElectorateView['coming'];

  constructor(first: readonly WeightOf[], state?: ElectorsState) {
    this.#first = first;
    this.#coming = state?.coming ?? null;
    this.#kept =
      state?.kept.map(({ since, weights }) => ({ since, weights: Weights.of(weights) })) ??
        [{ since: 0, weights: new Weights(first) }];
  }

  /** The next cut. @param oldest epoch that is still asked for */
  take({ epoch, electorate = this.#first, seats = null }: ElectedCut, oldest: number): void {
    const weights = new Weights(electorate);
    if (!this.now.equals(weights)) this.#kept.push({ since: epoch, weights });
    while (this.#kept.length > 1 && this.#kept[1]!.since <= oldest) this.#kept.shift();
    if (this.#coming !== null && this.#coming.from <= epoch) this.#coming = null;
    if (seats !== null) this.#coming = { from: epoch + SEATS_LAG, seats: seatsOf(seats) };
  }

  /** Of the newest cut. */
  get now(): Weights {
    return this.#kept.at(-1)!.weights;
  }

  at(epoch: number): Weights {
    return (this.#kept.findLast(({ since }) => since <= epoch) ?? this.#kept[0]!).weights;
  }

  view(): ElectorateView {
    const { since, weights } = this.#kept.at(-1)!;
    const seats = weights.state().map(([key, weight]) => ({ key, weight }))
      .sort((a, b) => a.key < b.key ? -1 : 1);
    return { since, seats, coming: this.#coming };
  }

  state(): ElectorsState {
    const kept = this.#kept.map(({ since, weights }) => ({ since, weights: weights.state() }));
    return { kept, coming: this.#coming };
  }
}

function seatsOf(seats: readonly WeightOf[]): ElectorateView['seats'] {
  return seats.map(({ key, weight }) => ({ key: toHex(key), weight }));
}
