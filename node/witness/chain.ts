import { equalBytes, taggedHash } from '../../feeds/base/mod.ts';
import type { Span } from '../../feeds/agreement/mod.ts';
import type { BeaconChainRecord, BeaconRevealRecord, LogRecord } from '../../feeds/records/mod.ts';
import { beaconAnchor, beaconValue } from '../../feeds/trust/mod.ts';

/** Hashes of one chain: with the usual rules one a day and a half. */
const LENGTH = 4096;
/** A new chain is logged when this many epochs of the last are left. */
const AHEAD = 256;

interface Chain {
  secret: Uint8Array;
  anchor: Uint8Array;
  from: number;
  length: number;
  index: number;
  /** Epoch of the cut that it stands in; null before. */
  stood: number | null;
}

/** What is public of a witness's chains: plain data. */
export interface ChainsState {
  chains: readonly Omit<Chain, 'secret'>[];
  /** The last epoch whose share stands in the log. */
  revealed: number;
}

export interface BeaconChainsOptions {
  /** 32 secret bytes, the same as long as the log lives. */
  seed: Uint8Array;
  network: Uint8Array;
  /** The own `attestations` core. */
  core: Uint8Array;
  length?: number;
  from?: ChainsState;
}

/** A witness's shares of the beacons: which chains its log names, and what is to be revealed now. */
export class BeaconChains {
  readonly #options: BeaconChainsOptions;
  readonly #chains: Chain[] = [];
  #revealed = -1;
  /** First epoch of the chain that was asked for last: it may not stand in the log yet. */
  #asked = -1;

  constructor(options: BeaconChainsOptions) {
    this.#options = options;
    const { chains, revealed } = options.from ?? { chains: [], revealed: -1 };
    for (const chain of chains) {
      const secret = this.#secret(chain.from);
      if (isOf(secret, chain)) this.#chains.push({ ...chain, secret });
    }
    this.#revealed = revealed;
  }

  /** For {@link BeaconChainsOptions.from}. */
  state(): ChainsState {
    const chains = this.#chains.map(({ secret: _, ...chain }) => chain);
    return { chains, revealed: this.#revealed };
  }

  /** Takes an entry of the own log. */
  take(record: LogRecord, index: number): void {
    const { network } = this.#options;
    if (record.type === 'beaconReveal' && equalBytes(record.network, network)) {
      this.#revealed = Math.max(this.#revealed, record.epoch);
    }
    if (record.type !== 'beaconChain' || !equalBytes(record.network, network)) return;
    const { anchor, from, length } = record;
    const secret = this.#secret(from);
    if (this.#chains.some((chain) => chain.index === index)) return;
    if (!isOf(secret, record)) return;
    this.#chains.push({ secret, anchor: anchor.slice(), from, length, index, stood: null });
  }

  /** A cut has come. */
  covered(epoch: number, spans: readonly Span[]): void {
    const span = spans.find(({ core }) => equalBytes(core, this.#options.core));
    if (span === undefined) return;
    for (const chain of this.#chains) {
      if (chain.stood === null && chain.index < span.to) chain.stood = epoch;
    }
    while (this.#chains.length > 1 && endOf(this.#chains[0]!) <= epoch) this.#chains.shift();
  }

  /**
   * The chain to be logged, if it is time for one.
   * @param epoch that is being decided
   */
  next(epoch: number): BeaconChainRecord | null {
    const end = Math.max(0, ...this.#chains.map(endOf));
    const length = this.#options.length ?? LENGTH;
    if (end - epoch > Math.min(AHEAD, length / 4)) return null;
    // What stands in a cut covers the epochs after it.
    const from = Math.max(end, epoch + 1);
    if (this.#asked > epoch) return null;
    this.#asked = from;
    const anchor = beaconAnchor(this.#secret(from), length);
    return { type: 'beaconChain', network: this.#options.network, anchor, length, from };
  }

  /** The share of the beacon of an epoch whose cut has just come; null where there is none. */
  reveal(epoch: number): BeaconRevealRecord | null {
    if (epoch <= this.#revealed) return null;
    const chain = this.#chains.find(({ from, length, stood }) =>
      stood !== null && epoch > stood && epoch >= from && epoch < from + length
    );
    if (chain === undefined) return null;
    this.#revealed = epoch;
    const value = beaconValue(chain.secret, chain.length, epoch - chain.from);
    return { type: 'beaconReveal', network: this.#options.network, epoch, value };
  }

  #secret(from: number): Uint8Array {
    const { seed, network } = this.#options;
    return taggedHash('nexus/beacon-secret/1', seed, network, new TextEncoder().encode(`${from}`));
  }
}

function endOf({ from, length }: Chain): number {
  return from + length;
}

/** A chain whose secret is lost cannot be revealed: its epochs are missed. */
function isOf(secret: Uint8Array, { anchor, length }: Pick<Chain, 'anchor' | 'length'>): boolean {
  return equalBytes(beaconAnchor(secret, length), anchor);
}
