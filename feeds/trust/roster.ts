import { toHex } from '../base/mod.ts';
import type { AuditorRecord, CapabilityRecord } from '../records/mod.ts';
import { Pool } from './pool.ts';
import type { Hex } from './types.ts';

/** Cuts back to which one can ask who was an auditor. */
const LOOK_BACK = 4;

interface Offer {
  cut: number;
  /** Determinism class by profile. */
  classes: ReadonlyMap<Hex, Hex>;
}

/** What {@link Roster} knows. */
export interface RosterState {
  auditors: Map<Hex, Offer[]>;
  executors: Map<Hex, ReadonlyMap<Hex, Hex>>;
}

/** Who can audit what, and in which class executors say they work. */
export class Roster {
  #auditors = new Map<Hex, Offer[]>();
  #executors = new Map<Hex, ReadonlyMap<Hex, Hex>>();
  /** Who may be found among an entry's auditors, by profile: names that nobody audits cost nothing. */
  readonly #naming = new Map<Hex, Set<Hex>>();
  readonly #cache = new Map<string, { classes: ReadonlyMap<Hex, Hex>; pool: Pool }>();
  readonly #weightOf: (key: Hex) => number;

  /** @param weightOf counts when auditors are drawn */
  constructor(weightOf: (key: Hex) => number) {
    this.#weightOf = weightOf;
  }

  state(): RosterState {
    return { auditors: this.#auditors, executors: this.#executors };
  }

  load({ auditors, executors }: RosterState): void {
    this.#auditors = auditors;
    this.#executors = executors;
    this.#naming.clear();
    for (const [owner, offers] of auditors) {
      for (const { classes } of offers) this.#name(owner, classes);
    }
    this.#cache.clear();
  }

  /** Weights are other ones now. */
  reweighed(): void {
    this.#cache.clear();
  }

  auditor(owner: Hex, { offerings }: AuditorRecord, cut: number): void {
    const offers = this.#auditors.get(owner) ?? [];
    const gone: Offer[] = [];
    while (offers.length > 1 && offers[1]!.cut < cut - LOOK_BACK) gone.push(offers.shift()!);
    // The last entry of a cut is what stands in it.
    if (offers.at(-1)?.cut === cut) gone.push(offers.pop()!);
    const classes = classesOf(offerings);
    offers.push({ cut, classes });
    this.#auditors.set(owner, offers);
    this.#name(owner, classes);
    for (const profile of gone.flatMap(({ classes }) => [...classes.keys()])) {
      if (!offers.some(({ classes }) => classes.has(profile))) this.#unname(owner, profile);
    }
    this.#cache.clear();
  }

  executor(owner: Hex, { offerings }: CapabilityRecord): void {
    this.#executors.set(owner, classesOf(offerings));
  }

  /** The class in which an executor says it runs a profile. */
  classOf(executor: Hex, profile: Hex): Hex | null {
    return this.#executors.get(executor)?.get(profile) ?? null;
  }

  /** Auditors whose newest entry in cuts up to `cut` names the profile: their classes, and as a pool. */
  standing(profile: Hex, cut: number): { classes: ReadonlyMap<Hex, Hex>; pool: Pool } {
    const key = `${profile}:${cut}`;
    let found = this.#cache.get(key);
    if (found !== undefined) return found;
    const classes = new Map<Hex, Hex>();
    for (const owner of this.#naming.get(profile) ?? []) {
      const offers = this.#auditors.get(owner);
      const kind = offers?.findLast((offer) => offer.cut <= cut)?.classes.get(profile);
      if (kind !== undefined) classes.set(owner, kind);
    }
    if (this.#cache.size > 64) this.#cache.clear();
    found = { classes, pool: new Pool(classes.keys(), this.#weightOf) };
    this.#cache.set(key, found);
    return found;
  }

  #name(owner: Hex, classes: ReadonlyMap<Hex, Hex>): void {
    for (const profile of classes.keys()) {
      const naming = this.#naming.get(profile);
      if (naming === undefined) this.#naming.set(profile, new Set([owner]));
      else naming.add(owner);
    }
  }

  #unname(owner: Hex, profile: Hex): void {
    const naming = this.#naming.get(profile);
    naming?.delete(owner);
    if (naming?.size === 0) this.#naming.delete(profile);
  }
}

function classesOf(
  offerings: readonly { profile: Uint8Array; class: Uint8Array }[],
): ReadonlyMap<Hex, Hex> {
  return new Map(offerings.map(({ profile, class: kind }) => [toHex(profile), toHex(kind)]));
}
