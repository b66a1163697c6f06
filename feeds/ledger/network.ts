import { plainCopy, toHex } from '../base/mod.ts';
import {
  FingerprintFold,
  type PrintEvent,
  type PrintRules,
  type PrintState,
} from '../fingerprints/mod.ts';
import {
  type Subject,
  type TrustCut,
  type TrustEntry,
  type TrustEvent,
  TrustFold,
  type TrustOptions,
  type TrustRules,
  type TrustState,
  type WeightOf,
} from '../trust/mod.ts';
import {
  type ProofCheck,
  type ProofTerms,
  type SamplingEvent,
  SamplingFold,
  type SamplingState,
} from '../sampling/mod.ts';
import { seatsFor } from './seats.ts';
import { LedgerFold } from './fold.ts';
import type { LedgerState } from './state.ts';
import type { LedgerEvent, LedgerTerms } from './types.ts';

export interface NetworkOptions extends Omit<TrustOptions, 'mustAudit' | 'isFunded' | 'mayStand'> {
  /** Null: a network without money. */
  terms: LedgerTerms | null;
  audit: TrustRules & { epochMs: number };
  /** How machines are measured; left out or null: they are not. */
  prints?: PrintRules | null;
  /** Proofs of sampling that the network asks for, and how one is checked; left out or null: none. */
  proofs?: { terms: ProofTerms; check: ProofCheck } | null;
}

/** The folds as of the newest cut. */
export interface NetworkState {
  trust: TrustState;
  ledger: LedgerState | null;
  prints: PrintState | null;
  sampling: SamplingState | null;
}

/** What follows from one cut, fold by fold. */
export interface NetworkEvents {
  trust: TrustEvent[];
  ledger: LedgerEvent[];
  sampling: SamplingEvent[];
  prints: PrintEvent[];
}

/**
 * All that follows from a network's cuts: trust, proofs and ledger as one fold, as nodes run it and whoever
 * checks them. Where an executor's earnings are not covered by its bond, everything of it is audited, but
 * for what no money was held for.
 */
export class NetworkFold {
  readonly #options: NetworkOptions;
  readonly trust: TrustFold;
  /** Null on a network without money. */
  readonly ledger: LedgerFold | null;
  /** Null on a network that measures no machines. */
  readonly prints: FingerprintFold | null;
  /** Null on a network that asks for no proofs. */
  readonly sampling: SamplingFold | null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: NetworkOptions, state?: NetworkState) {
    const { terms } = options;
    const first = new Set(options.witnesses.map(({ key }) => toHex(key)));
    const ledger = terms === null ? null : ledgerOf({ ...options, terms }, state?.ledger ?? null);
    const trust = {
      ...options,
      mayStand: ledger !== null && terms!.rules.witnessBonds > 0
        ? (identity: string) => first.has(identity) || ledger.mayStand(identity)
        : null,
      mustAudit: (executor: string) => ledger !== null && !ledger.exposure(executor).covered,
      isFunded: (subject: Subject) => ledger === null || ledger.isFunded(subject),
    };
    this.#options = options;
    this.ledger = ledger;
    this.sampling = samplingOf(options, state?.sampling ?? null);
    this.trust = state === undefined ? new TrustFold(trust) : TrustFold.restore(trust, state.trust);
    this.prints = printsOf(options, this.trust.roster, state?.prints ?? null);
  }

  /** @throws {NexusError} `STATE_UNKNOWN`, `STATE_BROKEN` */
  static restore(options: NetworkOptions, state: NetworkState): NetworkFold {
    return new NetworkFold(options, state);
  }

  /**
   * Takes the next cut with every block that it covers.
   * @throws {NexusError} `TRUST_WRONG_CUT`, `TRUST_ENTRIES`; nothing has changed then
   */
  takeCut(
    cut: TrustCut,
    entries: readonly TrustEntry[],
  ): Promise<NetworkEvents> {
    const taken = this.#last.then(() => this.#take(cut, entries));
    this.#last = taken.catch(() => {});
    return taken;
  }

  async #take(cut: TrustCut, entries: readonly TrustEntry[]): Promise<NetworkEvents> {
    const { trust: fold, ledger } = this;
    const trust = await fold.takeCut(cut, entries);
    const sampling = await this.sampling?.takeCut(cut.epoch, fold.known, trust) ?? [];
    const beacons = trust.flatMap((event) => event.type === 'beacon' ? [event] : []);
    const prints = this.prints?.takeCut(cut, fold.known, beacons) ?? [];
    if (ledger === null) return { trust, ledger: [], sampling, prints };
    const executor = (key: string) => fold.executor(key);
    const refuted = sampling.flatMap((event) => event.type === 'refuted' ? [event.refuted] : []);
    const money = await ledger.takeCut(cut, fold.known, trust, executor, refuted, prints);
    return { trust, ledger: money, sampling, prints };
  }

  /**
   * Who is to certify cuts, as the ledger after the newest one has it, in the order of their keys; null:
   * whoever it is. A cut may state it that comes two epochs later.
   */
  seats(): WeightOf[] | null {
    const { ledger, trust } = this, { witnesses: first } = this.#options;
    const witnessBonds = this.#options.terms?.rules.witnessBonds ?? 0;
    if (ledger === null || witnessBonds === 0) return null;
    const presence = (identity: string) => trust.presence(identity);
    return seatsFor({ candidates: ledger.candidates(), presence, first, witnessBonds });
  }

  /** All folds; not while a cut is being taken. */
  state(): NetworkState {
    return plainCopy<NetworkState>({
      trust: this.trust.state(),
      ledger: this.ledger?.state() ?? null,
      prints: this.prints?.state() ?? null,
      sampling: this.sampling?.state() ?? null,
    });
  }
}

function printsOf(
  { network, prints: rules = null }: NetworkOptions,
  roster: TrustFold['roster'],
  state: PrintState | null,
): FingerprintFold | null {
  if (rules === null) return null;
  const options = { network, rules, roster };
  return state === null ? new FingerprintFold(options) : FingerprintFold.restore(options, state);
}

function samplingOf(
  { proofs = null, rules }: NetworkOptions,
  state: SamplingState | null,
): SamplingFold | null {
  if (proofs === null) return null;
  return new SamplingFold({ ...proofs, challengeCuts: rules.challengeCuts }, state ?? undefined);
}

function ledgerOf(
  options: NetworkOptions & { terms: LedgerTerms },
  state: LedgerState | null,
): LedgerFold {
  return state === null ? new LedgerFold(options) : LedgerFold.restore(options, state);
}
