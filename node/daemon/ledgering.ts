import { asNexusError, toHex } from '../../feeds/base/mod.ts';
import type { LedgerEvent, Payment } from '../../feeds/ledger/mod.ts';
import { encodeRecord, profileId } from '../../feeds/records/mod.ts';
import type { TrustFold } from '../../feeds/trust/mod.ts';
import {
  LedgerMemory,
  type LedgerMemoryState,
  ledgerRows,
  type OwnEntries,
  RootLog,
  tellLedger,
} from '../auditor/mod.ts';
import type { LedgerRows } from '../control/mod.ts';
import { readTable } from '../models/mod.ts';
import { FieldRoots, type TreeThread, TreeWorker } from '../poseidon/mod.ts';
import type { EventBus } from './events.ts';
import type { NodeLedger, PresentLedger } from './ledger.ts';
import { LowBalance } from './ledger_low.ts';
import { RecentEvents } from './ledger_recent.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import type { ServingModels } from './serving.ts';

export interface LedgeringOptions {
  ledger: NodeLedger;
  node: Pick<NodeOptions, 'network' | 'roles'>;
  /** Identity key of this node. */
  me: Uint8Array;
  logs: Pick<OwnLogs, 'append'>;
  serving: Pick<ServingModels, 'nameOf'>;
  bus: EventBus;
  /** Prices may have moved. */
  onPrices: () => void;
}

const TEN_THOUSAND = 10_000;

/** What a node does with the ledger, cut by cut: remembers, tells, and vouches for it where it is a witness. */
export class Ledgering implements Disposable {
  readonly recent = new RecentEvents();
  /** Builds Poseidon trees. */
  readonly trees: TreeThread = new TreeWorker();
  readonly #options: LedgeringOptions;
  readonly #me: string;
  readonly #low = new LowBalance();
  readonly #roots: RootLog;
  /** Null where this node vouches for nothing. */
  readonly #fields: FieldRoots | null;
  /** What the own log says; null before it is read. */
  #own: Pick<OwnEntries, 'rooted'> | null = null;
  #vouching: Promise<void> = Promise.resolve();
  #memory!: LedgerMemory;
  #trust: Pick<TrustFold, 'executor' | 'isWitness'> | null = null;
  #rows: LedgerRows | null = null;
  #cutAt: number | null = null;
  /** Of the models that the program knows. */
  #names: ReadonlyMap<string, string> = new Map();

  constructor(options: LedgeringOptions) {
    this.#options = options;
    this.#me = toHex(options.me);
    this.#roots = new RootLog(options.node.network.id);
    const { bus } = options;
    this.#fields = !options.node.roles.has('witness') ? null : new FieldRoots({
      thread: this.trees,
      onBuilt: ({ epoch, ...fields }) => {
        this.#roots.built(epoch, fields);
        this.#vouch().catch((thrown) => bus.emit('error', { ...asNexusError(thrown).toJSON() }));
      },
    });
    this.begin();
    this.#readNames().catch(() => {}); // ids stand in for them
  }

  /**
   * The cuts are read from the first on, once more, or from where this node was.
   * @param memory what it remembered there. @param fold as it stood there
   */
  begin(memory: LedgerMemoryState | null = null, fold: PresentLedger | null = null): void {
    const { ledger, onPrices } = this.#options;
    const profiles = ledger.terms.coefficients.map(({ profile }) => toHex(profile));
    this.#memory = new LedgerMemory(this.#me, profiles, memory);
    if (fold === null) return;
    this.#fields?.begin(fold.view().accounts);
    if (fold.epoch === null) return;
    this.#folded(fold, null);
    // Prices of some cuts ago are nearer to the market than the first ones.
    ledger.settled(fold);
    this.changed();
    onPrices();
  }

  /** What its rows show of past cuts, for {@link begin}. */
  get memory(): LedgerMemoryState {
    return this.#memory.state();
  }

  /** A cut was folded. */
  took(events: readonly LedgerEvent[], fold: PresentLedger): void {
    const { ledger } = this.#options;
    const { epoch } = fold;
    if (epoch === null) return;
    ledger.took(events, epoch);
    this.#memory.take(events, fold);
    this.recent.take(epoch, events);
    this.#folded(fold, paymentsIn(events));
    this.#cutAt = Date.now();
    this.changed();
  }

  /**
   * What of a cut is worth an event.
   * @param live false: it came while the node was away, and only its own matters
   * @returns whether anything was
   */
  tell(events: readonly LedgerEvent[], epoch: number, live: boolean): boolean {
    const told = tellLedger(events, this.#me, epoch).filter((one) => live || one.concerns);
    for (const { event, fields } of told) this.#options.bus.emit(event, fields);
    return told.length > 0;
  }

  /** All known cuts are folded. */
  settled(fold: PresentLedger, trust: Pick<TrustFold, 'executor' | 'isWitness'>): void {
    const { ledger, onPrices } = this.#options;
    ledger.settled(fold);
    this.#trust = trust;
    this.changed();
    onPrices();
    this.#warn();
  }

  /** A witness's word for the roots that it has folded. */
  async vouch(own: Pick<OwnEntries, 'rooted'>): Promise<void> {
    this.#own = own;
    await this.#vouch();
  }

  /** All payments of an epoch; null where it is not remembered. */
  paidIn(epoch: number): Payment[] | null {
    const events = this.recent.of(epoch, null);
    return events && paymentsIn(events);
  }

  /** The thread that builds trees ends. */
  [Symbol.dispose](): void {
    this.trees[Symbol.dispose]();
  }

  /** @param payments of that epoch; null: not known */
  #folded({ epoch, root, changed }: PresentLedger, payments: readonly Payment[] | null): void {
    const fields = this.#fields;
    this.#roots.folded(epoch!, root, fields !== null);
    fields?.folded(epoch!, changed, payments);
  }

  /** One after the other: what is being logged is not logged again. */
  #vouch(): Promise<void> {
    const done = this.#vouching.then(() => this.#vouchNow());
    this.#vouching = done.catch(() => {});
    return done;
  }

  async #vouchNow(): Promise<void> {
    const { node, logs } = this.#options, own = this.#own;
    if (own === null || !node.roles.has('witness')) return;
    // While it only stands by its word counts for nothing.
    if (this.#trust?.isWitness(this.#me) !== true) return;
    const records = this.#roots.due(own.rooted(node.network.id));
    if (records.length === 0) return;
    await logs.append('attestations', records.map(encodeRecord));
    this.#roots.logged(records);
  }

  /** The rows are to be made anew. */
  changed(): void {
    this.#rows = null;
  }

  /** As dashboards show it: the same object until it changes; null before the first cut. */
  rows(note: string | null): LedgerRows | null {
    const { ledger: { fold, terms }, node: { network }, serving } = this.#options;
    if (fold === null) return null;
    const trust = this.#trust?.executor(this.#me) ?? null;
    return this.#rows ??= ledgerRows(fold.view(), {
      me: this.#me,
      credit: fold.quote(this.#me, 0).credit,
      exposure: fold.exposure(this.#me),
      auditRate: trust === null ? null : trust.rate / TEN_THOUSAND,
      memory: this.#memory,
      coefficients: terms.coefficients,
      epochMs: network.file.rules.epochMs,
      cutAt: this.#cutAt,
      modelOf: (profile) =>
        serving.nameOf(profile) ??
          network.file.models.find((one) => toHex(profileId(one.profile)) === profile)?.name ??
          this.#names.get(profile) ?? null,
      note,
    });
  }

  async #readNames(): Promise<void> {
    const table = await readTable();
    this.#names = new Map(table.map(({ entry }) => [toHex(profileId(entry.profile)), entry.name]));
    this.changed();
  }

  #warn(): void {
    const { ledger, bus } = this.#options;
    const spent = this.#memory.earnings.at(-1)?.spent ?? 0;
    const { has, credit, held } = ledger.fundsOf(this.#me);
    const spendable = Math.max(0, has + credit - held);
    const epochs = this.#low.take(spendable, spent);
    if (epochs !== null) bus.emit('balance-low', { spendable, epochs });
  }
}

function paymentsIn(events: readonly LedgerEvent[]): Payment[] {
  return events.flatMap((one) => one.type === 'payment' ? [one.payment] : []);
}
