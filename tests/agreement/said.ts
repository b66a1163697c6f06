import type { Said } from './machine.ts';

/** What one witness said, in order; each such row exists once. */
export interface Log {
  id: number;
  said: readonly Said[];
  /** By slot (see {@link Logs.slot}) the values voted: 1 is A, 2 is B, 4 is none. */
  votes: Uint8Array;
  /** By epoch the highest round spoken in; -1 for none. */
  farthest: Int8Array;
}

export const VALUES = ['A', 'B', '-'] as const;

/** All rows of acts that were met, by number. */
export class Logs {
  readonly empty: Log;
  readonly #rounds: number;
  readonly #epochs: number;
  readonly #all: Log[] = [];
  readonly #byName = new Map<string, Log>();
  readonly #swapped = new Map<number, number>();

  constructor(rounds: number, epochs: number) {
    this.#rounds = rounds;
    this.#epochs = epochs;
    this.empty = this.#of([]);
  }

  get(id: number): Log {
    return this.#all[id]!;
  }

  append(log: Log, said: Said): Log {
    return this.#of([...log.said, said]);
  }

  /** What is left of a row where its first entries were lost, in every way. */
  ends({ said }: Log): Log[] {
    return Array.from({ length: said.length + 1 }, (_, from) => this.#of(said.slice(from)));
  }

  /** Where votes of a step stand: 0 for prevotes, 1 for precommits. */
  slot(epoch: number, round: number, step: 0 | 1): number {
    return (epoch * this.#rounds + round) * 2 + step;
  }

  /** The same row with A and B exchanged in the epochs whose bits are set. */
  swapped(id: number, swap: number): number {
    if (swap === 0) return id;
    const name = (id << 4) + swap;
    const known = this.#swapped.get(name);
    if (known !== undefined) return known;
    const other = this.#of(this.get(id).said.map((said) => exchanged(said, swap))).id;
    this.#swapped.set(name, other);
    return other;
  }

  #of(said: readonly Said[]): Log {
    const name = said.join();
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const votes = new Uint8Array(this.#epochs * this.#rounds * 2);
    const farthest = new Int8Array(this.#epochs).fill(-1);
    for (const one of said) {
      const epoch = Number(one[1]), round = Number(one[2]);
      farthest[epoch] = Math.max(farthest[epoch]!, round);
      if (one[0] === 'p') continue;
      const slot = this.slot(epoch, round, one[0] === 'v' ? 0 : 1);
      votes[slot] = votes[slot]! | 1 << VALUES.indexOf(one[3] as 'A');
    }
    const log = { id: this.#all.length, said, votes, farthest };
    this.#all.push(log);
    this.#byName.set(name, log);
    return log;
  }
}

function exchanged(said: Said, swap: number): Said {
  const value = said[3]!;
  if (value === '-' || (swap >> Number(said[1]) & 1) === 0) return said;
  return said.slice(0, 3) + (value === 'A' ? 'B' : 'A') + said.slice(4);
}
