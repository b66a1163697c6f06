import { toHex } from '../../feeds/base/mod.ts';
import type { Coefficients, LedgerEvent, NetworkFold } from '../../feeds/ledger/mod.ts';
import { profileId } from '../../feeds/records/mod.ts';
import { LedgerMemory, ledgerRows, tellLedger } from '../auditor/mod.ts';
import type { LedgerRows, NodeEvent } from '../control/mod.ts';
import type { NetworkFile } from '../network/mod.ts';

/** A rate of the fold is in ten thousandths. */
const TEN_THOUSAND = 10_000;

/** What the ledger tells of a recording, cut by cut. */
export class LedgerRetelling {
  readonly #me: string;
  readonly #epochMs: number;
  readonly #coefficients: readonly Coefficients[];
  readonly #names: ReadonlyMap<string, string>;
  readonly #memory: LedgerMemory;

  /** @param me whose home it is; empty where it is not known */
  constructor({ ledger, rules, models }: NetworkFile, me: string) {
    this.#me = me;
    this.#epochMs = rules.epochMs;
    this.#names = new Map(models.map(({ name, profile }) => [toHex(profileId(profile)), name]));
    this.#coefficients = ledger?.coefficients ?? [];
    const profiles = this.#coefficients.map(({ profile }) => toHex(profile));
    this.#memory = new LedgerMemory(me, profiles);
  }

  /** What a cut has led to. @param fold as it is after it */
  *take(
    events: readonly LedgerEvent[],
    { ledger }: NetworkFold,
    at: number,
  ): Generator<NodeEvent, void, void> {
    if (ledger === null || ledger.epoch === null) return;
    this.#memory.take(events, ledger);
    for (const { event, fields } of tellLedger(events, this.#me, ledger.epoch)) {
      yield { event, at, ...fields };
    }
  }

  /** Null in a network without money. */
  rows({ trust, ledger }: NetworkFold, note: string | null): LedgerRows | null {
    if (ledger === null) return null;
    const me = this.#me, rate = trust.executor(me)?.rate;
    return ledgerRows(ledger.view(), {
      me,
      credit: ledger.quote(me, 0).credit,
      exposure: ledger.exposure(me),
      auditRate: rate === undefined ? null : rate / TEN_THOUSAND,
      memory: this.#memory,
      coefficients: this.#coefficients,
      epochMs: this.#epochMs,
      // What witnesses log has no times.
      cutAt: null,
      modelOf: (profile) => this.#names.get(profile) ?? null,
      note,
    });
  }
}
