import { toHex } from '../../feeds/base/mod.ts';
import type { CoreState, Feeds } from '../../feeds/client/mod.ts';
import { decodeRecord } from '../../feeds/records/mod.ts';
import { logOf } from '../../feeds/proof/mod.ts';
import type { CoreRow, EntryRow } from '../control/mod.ts';
import { entryRow } from './entry.ts';

/** How far behind a log's end entries are looked for that arrive late, blocks. */
const WINDOW = 256;
/** Entries of all logs that one step reads, at most: what a dashboard cannot show is not read. */
const STEP = 512;
/** Entries of a log's end that are read to begin with, over all logs. */
const FIRST = 2048;
const FIRST_OF_ONE = 64;

interface Followed {
  state: CoreState;
  owner: string | null;
  log: string | null;
  /** Entries before it are not looked for any more. */
  from: number;
  /** Entries at or after `from` that were told. */
  told: Set<number>;
  /** Its row as it was told last. */
  shown: string;
}

export interface CoreNews {
  cores: CoreRow[];
  entries: EntryRow[];
}

/** The logs that are held here: how far each is, and what is new in it. */
export class CoreBook {
  readonly #feeds: Pick<Feeds, 'read' | 'states' | 'identity'>;
  readonly #followed = new Map<string, Followed>();
  readonly #moved = new Set<string>();

  constructor(feeds: Pick<Feeds, 'read' | 'states' | 'identity'>) {
    this.#feeds = feeds;
  }

  get rows(): CoreRow[] {
    return [...this.#followed].map(([key, followed]) => this.#row(key, followed));
  }

  /** Blocks of all logs together. */
  get blocks(): number {
    return [...this.#followed.values()].reduce((sum, { state }) => sum + state.length, 0);
  }

  /** Looks at all logs. The entries at their ends count as new. */
  async load(): Promise<void> {
    const states = await this.#feeds.states();
    const each = Math.min(FIRST_OF_ONE, Math.max(1, Math.floor(FIRST / states.length)));
    for (const state of states) this.take(state, each);
  }

  /** A log is now so far; what is new is read by {@link news}. */
  take(state: CoreState, tail = WINDOW): void {
    const key = toHex(state.key);
    const known = this.#followed.get(key);
    if (known !== undefined) known.state = state;
    else {
      const from = Math.max(0, state.length - tail);
      this.#followed.set(key, { state, owner: null, log: null, from, told: new Set(), shown: '' });
    }
    this.#moved.add(key);
  }

  /** Rows of the logs that moved, and the entries that came. */
  async news(): Promise<CoreNews> {
    const cores: CoreRow[] = [], entries: EntryRow[] = [];
    for (const key of [...this.#moved]) {
      // The rest is read with the next step.
      if (entries.length >= STEP) break;
      this.#moved.delete(key);
      const followed = this.#followed.get(key)!;
      try {
        if (followed.owner === null) await this.#identify(followed);
        for await (const entry of this.#entries(key, followed)) entries.push(entry);
      } catch { /* read again when it moves, or the service is back */ }
      const row = this.#row(key, followed), text = JSON.stringify(row);
      if (text !== followed.shown) cores.push(row);
      followed.shown = text;
    }
    return { cores, entries };
  }

  async *#entries(key: string, followed: Followed): AsyncGenerator<EntryRow, void, void> {
    const { told, owner, log, state: { length } } = followed;
    const start = Math.max(followed.from, length - WINDOW);
    for await (
      const { index, value } of this.#feeds.read(followed.state.key, { start, end: length })
    ) {
      if (value === null || told.has(index)) continue;
      told.add(index);
      yield entryRow({ core: key, owner, log, index }, value);
    }
    followed.from = start;
    while (told.delete(followed.from)) followed.from++;
    for (const index of told) if (index < start) told.delete(index);
  }

  async #identify(followed: Followed): Promise<void> {
    for await (const { value } of this.#feeds.read(followed.state.key, { start: 0, end: 1 })) {
      if (value === null) return;
      try {
        const record = decodeRecord(value);
        if (record.type !== 'identity') return;
        followed.owner = toHex(record.publicKey);
        followed.log = logOf(record, followed.state.key);
      } catch { /* the entry's row says so */ }
    }
  }

  #row(key: string, { state, owner, log }: Followed): CoreRow {
    const { length, held, fork, bytes, treeHash } = state;
    const own = owner === toHex(this.#feeds.identity.publicKey);
    const lag = Math.max(0, length - held);
    return { key, owner, log, own, length, lag, fork, bytes, treeHash: toHex(treeHash) };
  }
}
