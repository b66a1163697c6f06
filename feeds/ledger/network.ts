import { plainCopy } from '../base/mod.ts';
import {
  type TrustCut,
  type TrustEntry,
  type TrustEvent,
  TrustFold,
  type TrustOptions,
  type TrustRules,
  type TrustState,
} from '../trust/mod.ts';
import { LedgerFold } from './fold.ts';
import type { LedgerState } from './state.ts';
import type { LedgerEvent, LedgerTerms } from './types.ts';

export interface NetworkOptions extends Omit<TrustOptions, 'mustAudit'> {
  /** Null: a network without money. */
  terms: LedgerTerms | null;
  audit: TrustRules & { epochMs: number };
}

/** Both folds as of the newest cut. */
export interface NetworkState {
  trust: TrustState;
  ledger: LedgerState | null;
}

/**
 * All that follows from a network's cuts: trust and ledger as one fold, as nodes run it and whoever
 * checks them. Where an executor's earnings are not covered by its bond, everything of it is audited.
 */
export class NetworkFold {
  readonly trust: TrustFold;
  /** Null on a network without money. */
  readonly ledger: LedgerFold | null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: NetworkOptions, state?: NetworkState) {
    const { terms } = options;
    const ledger = terms === null ? null : ledgerOf({ ...options, terms }, state?.ledger ?? null);
    const trust = {
      ...options,
      mustAudit: (executor: string) => ledger !== null && !ledger.exposure(executor).covered,
    };
    this.ledger = ledger;
    this.trust = state === undefined ? new TrustFold(trust) : TrustFold.restore(trust, state.trust);
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
  ): Promise<{ trust: TrustEvent[]; ledger: LedgerEvent[] }> {
    const taken = this.#last.then(() => this.#take(cut, entries));
    this.#last = taken.catch(() => {});
    return taken;
  }

  async #take(cut: TrustCut, entries: readonly TrustEntry[]) {
    const { trust: fold, ledger } = this;
    const trust = await fold.takeCut(cut, entries);
    if (ledger === null) return { trust, ledger: [] };
    const executor = (key: string) => fold.executor(key);
    return { trust, ledger: await ledger.takeCut(cut, fold.known, trust, executor) };
  }

  /** Both folds; not while a cut is being taken. */
  state(): NetworkState {
    return plainCopy<NetworkState>({
      trust: this.trust.state(),
      ledger: this.ledger?.state() ?? null,
    });
  }
}

function ledgerOf(
  options: NetworkOptions & { terms: LedgerTerms },
  state: LedgerState | null,
): LedgerFold {
  return state === null ? new LedgerFold(options) : LedgerFold.restore(options, state);
}
