import { equalBytes, sleep, toHex } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { decodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import type { TrustEntry, TrustEvent, TrustFold } from '../../feeds/trust/mod.ts';
import { Identities } from './identities.ts';
import { OwnEntries } from './own.ts';
import { readCut, type Stall } from './reading.ts';

/** No further cut within this: what is known is folded, milliseconds. */
const SETTLED_MS = 30;

export interface AuditFollowerOptions {
  feeds: Pick<Feeds, 'follow' | 'holds' | 'read' | 'update' | 'identity'>;
  /** The network's cuts, in order, from the first on. */
  cuts: AsyncIterable<Cut>;
  fold: Pick<TrustFold, 'takeCut'>;
  /** A cut was folded. */
  onCut: (cut: Cut, events: readonly TrustEvent[]) => void;
  /** All that is known is folded: time to act. Not called again before it has resolved. */
  onSettled: (cut: Cut) => Promise<void>;
  onStall: (stall: Stall | null) => void;
  signal: AbortSignal;
}

/**
 * Reads what the cuts cover and folds it, on every node alike. Begins with the first cut: nothing
 * but the logs is needed, and nothing else is believed.
 */
export class AuditFollower {
  readonly identities = new Identities();
  readonly own = new OwnEntries();
  readonly #options: AuditFollowerOptions;
  /** How far the own logs are read. */
  readonly #read = new Map<string, number>();

  constructor(options: AuditFollowerOptions) {
    this.#options = options;
  }

  /**
   * Runs until the signal aborts.
   * @throws what the fold throws: a cut that it cannot take
   */
  async run(): Promise<void> {
    const { cuts, signal, onSettled } = this.#options;
    const iterator = cuts[Symbol.asyncIterator]();
    let next = iterator.next();
    try {
      for (;;) {
        const { value: cut, done } = await next;
        if (done || signal.aborted) return;
        await this.#take(cut);
        next = iterator.next();
        next.catch(() => {}); // thrown where it is awaited
        const more = await Promise.race([
          next.then(() => true, () => true),
          sleep(SETTLED_MS, signal).then(() => false),
        ]);
        if (more) continue;
        await this.#readOwn();
        await onSettled(cut);
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      iterator.return?.().catch(() => {});
    }
  }

  /** An own entry was written: what is said is known before any cut covers it. */
  said(record: LogRecord, index: number): void {
    this.own.take(record, index);
  }

  async #take(cut: Cut): Promise<void> {
    const { feeds, fold, onCut, onStall, signal } = this.#options;
    const entries = await readCut(cut, { feeds, onStall }, signal);
    for (const entry of entries) await this.#notice(entry);
    onCut(cut, await fold.takeCut(cut, entries));
  }

  async #notice({ core, index, bytes }: TrustEntry): Promise<void> {
    const mine = this.#logs().some((log) => equalBytes(log, core));
    if (index > 0 && !mine) return;
    const record = recordOf(bytes);
    if (record === null) return;
    if (index === 0) await this.identities.take(core, record);
    if (mine) {
      this.own.take(record, index);
      this.#read.set(toHex(core), index + 1);
    }
  }

  /** What this node has logged and no cut covers. */
  async #readOwn(): Promise<void> {
    const { feeds, signal } = this.#options;
    for (const core of this.#logs()) {
      const start = this.#read.get(toHex(core)) ?? 0;
      for await (const { index, value } of feeds.read(core, { start, signal })) {
        const record = value === null ? null : recordOf(value);
        if (record !== null) this.own.take(record, index);
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
