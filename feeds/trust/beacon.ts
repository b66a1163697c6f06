import { equalBytes, taggedHash, toHex } from '../base/mod.ts';
import type { BeaconChainRecord, BeaconRevealRecord } from '../records/mod.ts';
import type { Hex, Place } from './types.ts';

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
 * nobody chooses its share when it sees the others'.
 */
export class BeaconView {
  readonly #weights: ReadonlyMap<Hex, number>;
  #chains = new Map<Hex, Chain[]>();
  #reveals = new Map<Hex, Uint8Array>();

  constructor(witnesses: readonly { key: Uint8Array; weight: number }[]) {
    this.#weights = new Map(witnesses.map(({ key, weight }) => [toHex(key), weight]));
  }

  state(): BeaconState {
    return { chains: this.#chains, reveals: this.#reveals };
  }

  load({ chains, reveals }: BeaconState): void {
    this.#chains = chains;
    this.#reveals = reveals;
  }

  /** @returns why it does not count, or null */
  takeChain(witness: Hex, record: BeaconChainRecord, { cut }: Place): string | null {
    if (!this.#weights.has(witness)) return 'its author is no witness';
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
    const chain = this.#chains.get(witness)?.find(({ covers, to }) =>
      epoch >= covers && epoch < to
    );
    if (chain === undefined) return 'no chain of its author covers that epoch';
    if (!equalBytes(steps(value, epoch - chain.shown), chain.value)) {
      return "it is not of its author's chain";
    }
    chain.value = value.slice();
    chain.shown = epoch;
    this.#reveals.set(witness, chain.value);
    return null;
  }

  /** Ends an epoch with the reveals taken since the last call. */
  conclude(epoch: number, cutHash: Uint8Array): Beacon {
    const revealed = [...this.#reveals].sort(([a], [b]) => a < b ? -1 : 1);
    const missed = [...this.#weights.keys()].filter((key) => !this.#reveals.has(key)).sort();
    this.#reveals.clear();
    const weightOf = (keys: Iterable<Hex>) => {
      let sum = 0;
      for (const key of keys) sum += this.#weights.get(key) ?? 0;
      return sum;
    };
    const enough = 3 * weightOf(revealed.map(([key]) => key)) > 2 * weightOf(this.#weights.keys());
    const value = enough
      ? taggedHash('nexus/beacon/1', cutHash, ...revealed.map(([, share]) => share))
      : null;
    return { epoch, value, missed };
  }
}
