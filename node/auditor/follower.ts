import { equalBytes, sleep, toHex } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { decodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import type { TrustEntry, TrustEvent, TrustFold } from '../../feeds/trust/mod.ts';
import type { IdentityRecord } from '../../feeds/records/mod.ts';
import type { BeaconChains, ChainsState } from '../witness/mod.ts';
import { Identities } from './identities.ts';
import { OwnEntries, type OwnState } from './own.ts';
import { readCut, type Stall } from './reading.ts';

/** No further cut within this: what is known is folded, milliseconds. */
const SETTLED_MS = 30;
/** The same where it goes on from a state, of which it is not known how old it is. */
const RESUMED_MS = 1000;

/** A cut that is known when it is to end is folded if its blocks come within this, milliseconds. */
const GRACE_MS = 1000;

/** Where a follower goes on: plain data. */
export interface AuditState {
  identities: ReadonlyMap<string, IdentityRecord>;
  own: OwnState;
  /** By core (hexadecimal), how far the own logs are read. */
  read: ReadonlyMap<string, number>;
  /** Of a witness. */
  chains: ChainsState | null;
}

export interface AuditFollowerOptions {
  feeds: Pick<Feeds, 'follow' | 'holds' | 'read' | 'update' | 'identity'>;
  /** The network's cuts, in order: from the first on, or those after `from`. */
  cuts: AsyncIterable<Cut>;
  /** Where another one was after a cut, and that cut. */
  from?: AuditState & { cut: Cut };
  /** A witness's, as the cuts cover them. */
  chains?: BeaconChains | undefined;
  fold: Pick<TrustFold, 'takeCut'>;
  /** A cut was folded. */
  onCut: (cut: Cut, events: readonly TrustEvent[]) => void;
  /** All that is known is folded: time to act. Not called again before it has resolved. */
  onSettled: (cut: Cut) => Promise<void>;
  onStall: (stall: Stall | null) => void;
  signal: AbortSignal;
}

/**
 * Reads what the cuts cover and folds it, on every node alike. Begins with the first cut, or where
 * this node itself was: nothing but the logs is needed, and nobody else is believed.
 */
export class AuditFollower {
  readonly identities: Identities;
  readonly own: OwnEntries;
  readonly #options: AuditFollowerOptions;
  /** How far the own logs are read. */
  readonly #read: Map<string, number>;

  constructor(options: AuditFollowerOptions) {
    const { from } = options;
    this.#options = options;
    this.identities = new Identities(from?.identities);
    this.own = new OwnEntries(from?.own);
    this.#read = new Map(from?.read);
  }

  /** As of the newest cut that was folded. */
  state(): AuditState {
    return {
      identities: this.identities.state(),
      own: this.own.state(),
      read: new Map(this.#read),
      chains: this.#options.chains?.state() ?? null,
    };
  }

  /**
   * Runs until the signal aborts.
   * @throws what the fold throws: a cut that it cannot take
   */
  async run(): Promise<void> {
    const { cuts, signal, from } = this.#options;
    const late = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ending = () => timer = setTimeout(() => late.abort(signal.reason), GRACE_MS);
    signal.addEventListener('abort', ending, { once: true });
    const iterator = cuts[Symbol.asyncIterator]();
    let next = iterator.next();
    try {
      if (from !== undefined) await this.#settle(from.cut, next, RESUMED_MS);
      for (;;) {
        const { value: cut, done } = await next;
        if (done) return;
        await this.#take(cut, late.signal);
        next = iterator.next();
        await this.#settle(cut, next, SETTLED_MS);
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', ending);
      iterator.return?.().catch(() => {});
    }
  }

  /** An own entry was written: what is said is known before any cut covers it. */
  said(record: LogRecord, index: number): void {
    this.own.take(record, index);
  }

  /** Acts, unless a further cut comes at once. */
  async #settle(cut: Cut, next: Promise<unknown>, within: number): Promise<void> {
    const { signal, onSettled } = this.#options;
    next.catch(() => {}); // thrown where it is awaited
    const more = await Promise.race([
      next.then(() => true, () => true),
      sleep(within, signal).then(() => false),
    ]);
    if (more || signal.aborted) return;
    await this.#readOwn();
    await onSettled(cut);
  }

  async #take(cut: Cut, signal: AbortSignal): Promise<void> {
    const { feeds, fold, chains, onCut, onStall } = this.#options;
    const entries = await readCut(cut, { feeds, onStall }, signal);
    for (const entry of entries) await this.#notice(entry);
    chains?.covered(cut.epoch, cut.spans);
    onCut(cut, await fold.takeCut(cut, entries));
  }

  async #notice({ core, index, bytes }: TrustEntry): Promise<void> {
    const mine = this.#logs().some((log) => equalBytes(log, core));
    if (index > 0 && !mine) return;
    const record = recordOf(bytes);
    if (record === null) return;
    if (index === 0) await this.identities.take(core, record);
    if (mine) this.#own(core, record, index);
  }

  #own(core: Uint8Array, record: LogRecord, index: number): void {
    this.own.take(record, index);
    if (equalBytes(core, this.#options.feeds.identity.attestations)) {
      this.#options.chains?.take(record, index);
    }
    this.#read.set(toHex(core), index + 1);
  }

  /** What this node has logged and no cut covers. */
  async #readOwn(): Promise<void> {
    const { feeds, signal } = this.#options;
    for (const core of this.#logs()) {
      const start = this.#read.get(toHex(core)) ?? 0;
      for await (const { index, value } of feeds.read(core, { start, signal })) {
        const record = value === null ? null : recordOf(value);
        if (record !== null) this.#own(core, record, index);
        this.#read.set(toHex(core), index + 1);
      }
    }
  }

  #logs(): Uint8Array[] {
    const { jobs, artifacts, attestations } = this.#options.feeds.identity;
    return [jobs, artifacts, attestations];
  }
}

function recordOf(bytes: Uint8Array): LogRecord | null {
  try {
    return decodeRecord(bytes);
  } catch {
    return null; // counts for nothing, here as in the fold
  }
}
