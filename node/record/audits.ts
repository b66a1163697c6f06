import { equalBytes, messageOf, toHex } from '../../feeds/base/mod.ts';
import { type Cut, CutView } from '../../feeds/agreement/mod.ts';
import type { Block } from '../../feeds/client/mod.ts';
import type { ProposalRecord, VoteRecord } from '../../feeds/records/mod.ts';
import { NetworkFold } from '../../feeds/ledger/mod.ts';
import type { TrustEntry } from '../../feeds/trust/mod.ts';
import { tellOf, trustRows } from '../auditor/mod.ts';
import type { LedgerRows, TrustRows, WatchEvent } from '../control/mod.ts';
import { foldOptionsOf } from '../evidence/mod.ts';
import type { Network } from '../network/mod.ts';
import { LedgerRetelling } from './ledger.ts';
import type { Recorded } from './merge.ts';

/** Messages of one witness that wait for those of others. */
const MAX_WAITING = 10_000;
/** Rows are told no oftener than this, milliseconds of recorded time; of a long one less often. */
const ROWS_MS = 1000;
/** Rows that are told before they are told half as often. */
const MANY_ROWS = 50_000;

export interface AuditRetellingOptions {
  /** Networks whose witnesses may be in the logs; one without any is passed over. */
  networks: readonly Pick<Network, 'id' | 'file' | 'keyFolder'>[];
  /** Whose home it is, hexadecimal; empty where it is not known. */
  me: string;
  read: (core: Uint8Array, range: { start: number; end: number }) => AsyncIterable<Block>;
}

/** What followed from the cuts in recorded logs: the same fold as every node's, told cut by cut. */
export class AuditRetelling {
  readonly #options: AuditRetellingOptions;
  #follow: Following | null = null;

  constructor(options: AuditRetellingOptions) {
    this.#options = options;
  }

  /** The next entry. @param log the log's name, where that is known */
  async *take(
    { core, record }: Recorded,
    log: string | null,
    at: number,
  ): AsyncGenerator<WatchEvent, void, void> {
    if (log !== 'attestations' || record === null) return;
    if (record.type !== 'proposal' && record.type !== 'vote') return;
    const { networks } = this.#options;
    const network = networks.find(({ id }) => equalBytes(id, record.network));
    if (network === undefined || network.file.witnesses.length === 0) return;
    this.#follow ??= new Following(network, this.#options);
    if (equalBytes(this.#follow.network, record.network)) {
      yield* this.#follow.take(core, record, at);
    }
  }

  /** What was not told yet. */
  *end(at: number): Generator<WatchEvent, void, void> {
    if (this.#follow !== null) yield* this.#follow.rows(at);
  }
}

/** What peers showed to this node alone stands in no recording. */
const UNKNOWN = { shown: () => null };

class Following {
  readonly network: Uint8Array;
  readonly #options: AuditRetellingOptions;
  readonly #alpha: number;
  readonly #view: CutView;
  readonly #fold: NetworkFold;
  readonly #ledger: LedgerRetelling;
  readonly #waiting = new Map<string, (ProposalRecord | VoteRecord)[]>();
  /** Why it ended; null: it has not. */
  #over: string | null = null;
  #changed = false;
  #nextAt = 0;
  #told = 0;

  constructor(
    { id, file, keyFolder }: Pick<Network, 'id' | 'file' | 'keyFolder'>,
    options: AuditRetellingOptions,
  ) {
    this.network = id;
    this.#options = options;
    this.#alpha = file.rules.lifetimeAlpha;
    this.#view = new CutView({ network: id, witnesses: file.witnesses });
    this.#fold = new NetworkFold({ ...foldOptionsOf(file, keyFolder), network: id });
    this.#ledger = new LedgerRetelling(file, options.me);
  }

  async *take(
    core: string,
    record: ProposalRecord | VoteRecord,
    at: number,
  ): AsyncGenerator<WatchEvent, void, void> {
    if (this.#over !== null) return;
    const own = this.#waiting.get(core) ?? [];
    this.#waiting.set(core, own);
    own.push(record);
    if (own.length > MAX_WAITING) {
      const isOne = this.#view.quorum.weightOf(toHex(own[0]!.witness)) > 0;
      // Who has no seat may say whatever it likes of epochs to come.
      if (isOne) this.#end('the logs of too many witnesses are not here');
      else own.shift();
    }
    for (let moved = true; moved && this.#over === null;) {
      moved = false;
      for (const queue of this.#waiting.values()) {
        while (queue.length > 0 && this.#over === null) {
          const { later, cut } = await this.#view.take(queue[0]!);
          if (later) break;
          queue.shift();
          moved = true;
          if (cut !== null) yield* this.#cut(cut, at);
        }
      }
    }
  }

  async *#cut(cut: Cut, at: number): AsyncGenerator<WatchEvent, void, void> {
    const entries = await this.#entries(cut);
    if (entries === null) {
      this.#end(`cut ${cut.epoch}: not all that it covers is in these logs`);
      return;
    }
    try {
      const { trust, ledger } = await this.#fold.takeCut(cut, entries);
      for (const { event, fields } of tellOf(trust, this.#options.me, UNKNOWN)) {
        yield { event, at, ...fields };
      }
      yield* this.#ledger.take(ledger, this.#fold, at);
    } catch (thrown) {
      this.#end(`cut ${cut.epoch}: ${messageOf(thrown)}`);
      return;
    }
    this.#changed = true;
    if (at >= this.#nextAt) yield* this.rows(at);
  }

  /** Null where some are not held. */
  async #entries({ spans }: Cut): Promise<TrustEntry[] | null> {
    const entries: TrustEntry[] = [];
    for (const { core, from, to } of spans) {
      let next = from;
      try {
        for await (const { index, value } of this.#options.read(core, { start: from, end: to })) {
          if (value === null || index !== next++) return null;
          entries.push({ core, index, bytes: value });
        }
      } catch {
        return null; // a log that is not held here at all
      }
      if (next !== to) return null;
    }
    return entries;
  }

  #end(why: string): void {
    this.#over = why;
    this.#changed = true;
    this.#waiting.clear();
  }

  /** Where audits and money stand, if that has changed. */
  *rows(at: number): Generator<WatchEvent, void, void> {
    if (!this.#changed) return;
    this.#changed = false;
    const trust = trustRows(this.#fold.trust.view(), this.#options.me, this.#alpha, this.#over);
    const ledger = this.#ledger.rows(this.#fold, this.#over);
    this.#told += sizeOf(trust) + (ledger === null ? 0 : ledgerSize(ledger));
    this.#nextAt = at + ROWS_MS * 2 ** Math.floor(this.#told / MANY_ROWS);
    yield { event: 'trust', at, trust };
    if (ledger !== null) yield { event: 'ledger', at, ledger };
  }
}

function sizeOf({ audits, auditors, executors }: TrustRows): number {
  return executors.reduce((sum, { history }) => sum + history.length, audits.length) +
    executors.length + auditors.length;
}

function ledgerSize({ accounts, prices, payments, slashes, epochs }: LedgerRows): number {
  const points = prices.reduce((sum, { history }) => sum + history.length, 0);
  return accounts.length + payments.length + slashes.length + epochs.length + points;
}
