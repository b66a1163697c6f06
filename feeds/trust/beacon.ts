import { equalBytes, taggedHash } from '../base/mod.ts';
import type { BeaconChainRecord, BeaconRevealRecord } from '../records/mod.ts';
import type { Hex, Place } from './types.ts';
import type { Weights } from './weights.ts';

/** Cuts in the newest of which it is counted who has revealed. */
export const REVEAL_WINDOW = 32;
/** Steps that a reveal of who is no witness may be behind; those of all further ones share the rest. */
const NEAR = 2 * REVEAL_WINDOW;
/**
 * Such steps in a cut: of chains that were there for half of what they are behind, and of others, which
 * begin long before the cut in which they stand. Two kinds, since the first are bought with time: whoever
 * spends them for nothing has two for each epoch that it waited. The second cost nothing but a new chain.
 */
const MOST_STEPS = { early: 2 ** 16, late: 2 ** 14 };
/** Chains of one witness that are kept: who writes more waits until one has run out. */
const MOST_CHAINS = 8;

/** One step of a beacon's hash chain. */
export function beaconStep(value: Uint8Array): Uint8Array {
  return taggedHash('nexus/beacon-chain/1', value);
}

/** The anchor of a chain of `length` steps from a secret: what `beaconChain` says. */
export function beaconAnchor(secret: Uint8Array, length: number): Uint8Array {
  return steps(secret, length);
}

/** The reveal of a chain's `i`-th epoch, from 0: the anchor's pre-image, `i + 1` steps back. */
export function beaconValue(secret: Uint8Array, length: number, i: number): Uint8Array {
  return steps(secret, length - 1 - i);
}

function steps(value: Uint8Array, count: number): Uint8Array {
  for (let i = 0; i < count; i++) value = beaconStep(value);
  return value;
}

interface Chain {
  from: number;
  /** Epochs `[from, to)` of its record that it may be revealed for start here. */
  covers: number;
  to: number;
  /** The last value that was shown, and the epoch it was for; the anchor is that before `from`. */
  value: Uint8Array;
  shown: number;
}

/** What {@link BeaconView} knows. */
export interface BeaconState {
  chains: Map<Hex, Chain[]>;
  reveals: Map<Hex, Uint8Array>;
  present: Map<Hex, number[]>;
}

/** What came of one epoch's reveals. */
export interface Beacon {
  epoch: number;
  /** 32 bytes; null: not more than two thirds of the weight revealed. */
  value: Uint8Array | null;
  /** Witnesses that did not reveal, whether they had a chain or not. */
  missed: Hex[];
}

/**
 * The beacons. A witness commits to a hash chain; for each epoch the first chain counts that its log
 * names for it in an earlier cut. A chain covers only epochs after the cut in which it stands, so
 * nobody chooses its share when it sees the others'. A wrong reveal costs all who read it many hashes:
 * its author's chains are forgotten, so that it costs them no second time.
 */
export class BeaconView {
  readonly #weights: Weights;
  readonly #mayStand: ((identity: Hex) => boolean) | null;
  #chains = new Map<Hex, Chain[]>();
  #reveals = new Map<Hex, Uint8Array>();
  #steps = { early: 0, late: 0 };
  /** Epochs that each has revealed its share of, of the newest {@link REVEAL_WINDOW}. */
  #present = new Map<Hex, number[]>();

  /** @param mayStand who may show that it is there without being a witness; null: nobody */
  constructor(weights: Weights, mayStand: ((identity: Hex) => boolean) | null = null) {
    this.#weights = weights;
    this.#mayStand = mayStand;
  }

  state(): BeaconState {
    return { chains: this.#chains, reveals: this.#reveals, present: this.#present };
  }

  load({ chains, reveals, present }: BeaconState): void {
    this.#chains = chains;
    this.#reveals = reveals;
    this.#present = present;
  }

  /** Of how many of the newest {@link REVEAL_WINDOW} epochs an identity has revealed its share. */
  presence(identity: Hex): number {
    return this.#present.get(identity)?.length ?? 0;
  }

  /** @returns why it does not count, or null */
  takeChain(witness: Hex, record: BeaconChainRecord, { cut }: Place): string | null {
    // Whoever is to stand by may say so before its bond counts: a chain is long.
    if (!this.#weights.has(witness) && this.#mayStand === null) return 'its author is no witness';
    const to = record.from + record.length;
    const chains = (this.#chains.get(witness) ?? []).filter((chain) => chain.to > cut);
    this.#chains.set(witness, chains);
    const covered = Math.max(cut + 1, record.from, ...chains.map((chain) => chain.to));
    if (to <= covered) return 'every epoch of it is past or has a chain';
    if (chains.length >= MOST_CHAINS) return 'too many chains wait';
    const { from, anchor } = record;
    chains.push({ from, covers: covered, to, value: anchor, shown: from - 1 });
    return null;
  }

  /** Takes a reveal of the epoch before the cut in which it stands. */
  takeReveal(witness: Hex, record: BeaconRevealRecord, { cut }: Place): string | null {
    const { epoch, value } = record;
    if (epoch !== cut - 1) return 'it is of another epoch than the one before';
    if (this.#reveals.has(witness)) return 'there is one already';
    if (!this.#weights.has(witness) && this.#mayStand?.(witness) !== true) {
      return 'its author is no witness';
    }
    const chain = this.#chains.get(witness)?.find(({ covers, to }) =>
      epoch >= covers && epoch < to
    );
    if (chain === undefined) return 'no chain of its author covers that epoch';
    const behind = epoch - chain.shown;
    if (behind > NEAR && !this.#weights.has(witness) && !this.#spend(chain, epoch)) {
      return 'too many that were long away come back at once';
    }
    if (!equalBytes(steps(value, behind), chain.value)) {
      this.#chains.delete(witness);
      return "it is not of its author's chain, nor is any further one until it names a new one";
    }
    chain.value = value.slice();
    chain.shown = epoch;
    this.#reveals.set(witness, chain.value);
    return null;
  }

  /** Whether there are steps left in this cut to look at a chain's reveal. */
  #spend({ covers, shown }: Chain, epoch: number): boolean {
    const behind = epoch - shown;
    const kind = behind <= 2 * (epoch - Math.max(covers - 1, shown)) ? 'early' : 'late';
    if (this.#steps[kind] + behind > MOST_STEPS[kind]) return false;
    this.#steps[kind] += behind;
    return true;
  }

  /** Ends an epoch with the reveals taken since the last call. */
  conclude(epoch: number, cutHash: Uint8Array): Beacon {
    const weights = this.#weights;
    const shares = [...this.#reveals].filter(([key]) => weights.has(key));
    const revealed = shares.sort(([a], [b]) => a < b ? -1 : 1);
    const missed = weights.keys().filter((key) => !this.#reveals.has(key)).sort();
    if (this.#mayStand !== null) this.#count(epoch);
    this.#reveals.clear();
    this.#steps = { early: 0, late: 0 };
    if (epoch % REVEAL_WINDOW === 0) this.#prune(epoch);
    const enough = 3 * weights.of(revealed.map(([key]) => key)) > 2 * weights.total;
    const value = enough
      ? taggedHash('nexus/beacon/1', cutHash, ...revealed.map(([, share]) => share))
      : null;
    return { epoch, value, missed };
  }

  /** Forgets chains that have run out. */
  #prune(epoch: number): void {
    for (const [key, chains] of this.#chains) {
      const kept = chains.filter(({ to }) => to > epoch);
      if (kept.length === 0) this.#chains.delete(key);
      else this.#chains.set(key, kept);
    }
  }

  #count(epoch: number): void {
    for (const key of this.#reveals.keys()) {
      this.#present.set(key, [...this.#present.get(key) ?? [], epoch]);
    }
    for (const [key, epochs] of this.#present) {
      const kept = epochs.filter((one) => one > epoch - REVEAL_WINDOW);
      if (kept.length === 0) this.#present.delete(key);
      else this.#present.set(key, kept);
    }
  }
}
