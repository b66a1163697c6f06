import type { Hex, Place } from '../trust/mod.ts';
import type { LedgerWorld } from './world.ts';

/** Entries of one executor that may wait for the job that they speak of, and of all. */
const MOST_OF_ONE = 4096;
const MOST = 262_144;

/** An artifact, as far as money looks at it. Plain data. */
export interface Artifact {
  type: 'artifact';
  owner: Hex;
  place: Place;
  tokens: number;
  resumeAt: number;
  ncu: number;
  totalMs: number;
  root: Hex;
  /** Of the `job` entry that it answers. */
  offer: Hex;
}

/** A claim. Plain data. */
export interface Claim {
  type: 'claim';
  owner: Hex;
  place: Place;
  requester: Hex;
  tokens: number;
  signature: Hex;
}

export type Work = Artifact | Claim;

/** What executors logged of jobs that no cut covers yet. */
export class Orphans {
  readonly #entries = new Map<string, Work[]>();
  readonly #count = new Map<Hex, number>();
  #all = 0;

  constructor(state: readonly [string, Work[]][] = []) {
    for (const [key, entries] of state) {
      this.#entries.set(key, [...entries]);
      for (const { owner } of entries) this.#add(owner, 1);
    }
  }

  get size(): number {
    return this.#all;
  }

  keep(key: string, work: Work, world: LedgerWorld): void {
    if ((this.#count.get(work.owner) ?? 0) >= MOST_OF_ONE || this.#all >= MOST) {
      const detail = 'too many entries wait for their jobs';
      return world.refuse('settle-unknown', work.place, work.owner, detail);
    }
    this.#add(work.owner, 1);
    const waiting = this.#entries.get(key);
    if (waiting === undefined) this.#entries.set(key, [work]);
    else waiting.push(work);
  }

  /** What waited for a job that is there now. */
  take(key: string): Work[] {
    if (this.#all === 0) return [];
    const found = this.#entries.get(key) ?? [];
    this.#entries.delete(key);
    for (const { owner } of found) this.#add(owner, -1);
    return found;
  }

  /**
   * Gives up what has waited for longer than an answer can be audited at all: trust keeps it as long,
   * and a requester whose log comes late still pays. While more than half of the room is taken, of one
   * or of all, nothing waits there for longer than a job is open.
   */
  forget(world: LedgerWorld): void {
    const { cut, challengeCuts, rules: { settleCuts } } = world;
    const oldest = cut - 2 * challengeCuts;
    for (const [key, entries] of this.#entries) {
      // In the order of their cuts: what came later for a key of old ones stands behind.
      if (entries[0]!.place.cut >= oldest) break;
      this.#giveUp(key, entries, ({ place }) => place.cut < oldest, world);
    }
    const isFull = [...this.#count.values()].some((count) => count > MOST_OF_ONE / 2);
    if (!isFull && this.#all <= MOST / 2) return;
    const open = cut - settleCuts;
    for (const [key, entries] of [...this.#entries]) {
      this.#giveUp(key, entries, ({ place, owner }) => {
        return place.cut < open &&
          (this.#all > MOST / 2 || this.#count.get(owner)! > MOST_OF_ONE / 2);
      }, world);
    }
  }

  state(): [string, Work[]][] {
    return [...this.#entries];
  }

  #giveUp(
    key: string,
    entries: readonly Work[],
    isOld: (work: Work) => boolean,
    world: LedgerWorld,
  ): void {
    const rest: Work[] = [];
    for (const work of entries) {
      if (!isOld(work)) {
        rest.push(work);
        continue;
      }
      const { owner, place } = work;
      this.#add(owner, -1);
      world.refuse('settle-unknown', place, owner, 'its job was never logged, or costs nothing');
    }
    if (rest.length === entries.length) return;
    this.#entries.delete(key);
    if (rest.length > 0) this.#entries.set(key, rest);
  }

  #add(owner: Hex, by: number): void {
    const count = (this.#count.get(owner) ?? 0) + by;
    this.#all += by;
    if (count === 0) this.#count.delete(owner);
    else this.#count.set(owner, count);
  }
}
