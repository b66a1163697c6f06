import { equalBytes, toHex } from '../base/mod.ts';
import type { Seat } from '../records/mod.ts';
import { Quorum } from './quorum.ts';
import type { ElectorateState, WitnessWeight } from './types.ts';

/**
 * Seats that the cut of epoch e states are in force from epoch e + 2 on. That epoch's witnesses know
 * it then from a certified cut, even those that vote on e + 1 while the certificate of e spreads.
 */
export const SEATS_LAG = 2;
/**
 * Least epochs from one statement of seats to the next: more than the lag, so that no more than one
 * change is ever on its way, and so many that readers have found the new witnesses' logs before.
 */
export const SEATS_EVERY = 4;

/**
 * Who certifies which epoch's cut: first those whom the network file names, then whom the certified
 * cuts state. Whoever reads the cuts needs nothing else for it.
 */
export class Electorate {
  #now: Quorum;
  /** The first epoch of those in force; 0 for the first witnesses. */
  #since: number;
  #next: { from: number; quorum: Quorum } | null = null;

  /** @throws {NexusError} `WITNESSES_INVALID` for a list that is none */
  constructor(first: readonly WitnessWeight[], from?: ElectorateState) {
    this.#now = new Quorum(from?.now ?? first);
    this.#since = from?.since ?? 0;
    if (from?.next) this.#next = { from: from.next.from, quorum: new Quorum(from.next.seats) };
  }

  state(): ElectorateState {
    const next = this.#next;
    return {
      since: this.#since,
      now: this.#now.seats,
      next: next && { from: next.from, seats: next.quorum.seats },
    };
  }

  /** Who certifies the cut of an epoch: that after the newest cut, or the one after that. */
  at(epoch: number): Quorum {
    return this.#next !== null && epoch >= this.#next.from ? this.#next.quorum : this.#now;
  }

  /** Those in force now and, where a change is on its way, those after it. */
  get known(): readonly Quorum[] {
    return this.#next === null ? [this.#now] : [this.#now, this.#next.quorum];
  }

  /** Whom the newest statement names; the first witnesses before any. */
  get stated(): Quorum {
    return this.#next?.quorum ?? this.#now;
  }

  /** Whether the cut of an epoch may state these seats at all, whoever they are. */
  allows(seats: readonly Seat[], epoch: number): boolean {
    let before = '';
    for (const { key, weight } of seats) {
      const name = toHex(key);
      if (name <= before || !Number.isSafeInteger(weight) || weight < 1) return false;
      before = name;
    }
    return seats.length > 0 && this.mayChange(epoch) && !sameSeats(seats, this.stated.seats);
  }

  /** Whether it is time for the next statement. */
  mayChange(epoch: number): boolean {
    const from = this.#next?.from ?? this.#since;
    return from === 0 || epoch >= from - SEATS_LAG + SEATS_EVERY;
  }

  /** The cut of an epoch is certified. */
  learn(epoch: number, seats: readonly Seat[] | null): void {
    if (this.#next !== null && epoch + 1 >= this.#next.from) {
      this.#since = this.#next.from;
      this.#now = this.#next.quorum;
      this.#next = null;
    }
    if (seats !== null) this.#next = { from: epoch + SEATS_LAG, quorum: new Quorum(seats) };
  }
}

/** True if two lists in the order of their keys are equal. */
export function sameSeats(a: readonly Seat[], b: readonly Seat[]): boolean {
  return a.length === b.length &&
    a.every(({ key, weight }, i) => weight === b[i]!.weight && equalBytes(key, b[i]!.key));
}
