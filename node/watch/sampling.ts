import type { CoreState, Feeds, FeedsEvent } from '../../feeds/client/mod.ts';
import type {
  EntryRow,
  FingerprintRows,
  LedgerRows,
  NodeEvent,
  NodeStatus,
  PeerRow,
  TrustRows,
  WatchEvent,
} from '../control/mod.ts';
import { CoreBook } from './cores.ts';
import { RowDiff } from './diff.ts';
import { type FindingsEvent, type Replayed, watchFindings } from './findings.ts';

/** Entries that a snapshot holds. */
const MAX_ENTRIES = 500;
const TICK_MS = 250;
/** Ticks between two looks at the status. */
const STATUS_TICKS = 4;
/** How long a snapshot waits for logs that are still being opened. */
const LOGS_MS = 2000;
/** Logs with more blocks are replayed by `nexus audit` only. */
const MAX_REPLAYED = 100_000;

/** What is sampled. */
export interface WatchSource {
  status(): NodeStatus;
  peers(): PeerRow[];
  history(): NodeEvent[];
  on(listener: (event: NodeEvent) => void): () => void;
  feeds(): Promise<Feeds>;
  /** Where the audits stand: the same object until that changes. Null where there are none. */
  trust?(): TrustRows | null;
  /** The ledger, likewise. Null in a network without money. */
  ledger?(): LedgerRows | null;
  /** Machines and their speed, likewise. */
  fingerprints?(): FingerprintRows;
  /** Replays all logs that are held here. */
  replay(feeds: Feeds, signal: AbortSignal): Promise<Replayed>;
}

/** One time of being watched. */
export class Sampling {
  readonly #source: WatchSource;
  readonly #emit: (event: WatchEvent) => void;
  readonly #stop = new AbortController();
  readonly #peers = new RowDiff<PeerRow>(({ key }) => key);
  readonly #status = new RowDiff<NodeStatus>(({ key }) => key);
  readonly #entries: EntryRow[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #loaded: Promise<void>;
  #book: CoreBook | null = null;
  #findings: FindingsEvent | null = null;
  #trust: TrustRows | null = null;
  #ledger: LedgerRows | null = null;
  #fingerprints: FingerprintRows | null = null;
  #moved = true;
  #ticks = 0;
  #reading = false;

  constructor(source: WatchSource, emit: (event: WatchEvent) => void) {
    this.#source = source;
    this.#emit = emit;
    const off = source.on(emit);
    this.#stop.signal.addEventListener('abort', off);
    this.#peers.next(source.peers());
    this.#status.next([source.status()]);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    // Without logs the rest is still worth seeing; why there are none is told as an event.
    this.#loaded = this.#load().catch(() => {});
  }

  /** Resolves when the logs were looked at, or take too long. */
  async ready(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, LOGS_MS);
      signal.addEventListener('abort', end);
      this.#loaded.then(end);
    });
  }

  /** All that is known now, in one step. */
  *state(): Generator<WatchEvent, void, void> {
    const at = Date.now();
    yield {
      event: 'snapshot',
      at,
      status: this.#source.status(),
      peers: this.#source.peers(),
      cores: this.#book?.rows ?? [],
      history: this.#source.history(),
      entries: [...this.#entries],
      trust: this.#source.trust?.() ?? null,
      ledger: this.#source.ledger?.() ?? null,
      ...this.#machines(),
    };
    if (this.#findings !== null) yield this.#findings;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  async #load(): Promise<void> {
    const feeds = await this.#source.feeds();
    const { signal } = this.#stop;
    if (signal.aborted) return;
    const book = new CoreBook(feeds);
    const events = feeds.events[Symbol.asyncIterator]();
    signal.addEventListener('abort', () => void events.return?.());
    this.#follow(book, events);
    await book.load();
    // Not told one by one: they are what the snapshot begins with.
    const { entries } = await book.news();
    this.#remember(entries.sort((a, b) => (a.at ?? 0) - (b.at ?? 0)));
    this.#book = book;
    watchFindings({
      replay: (signal) => this.#source.replay(feeds, signal),
      changed: () => {
        const moved = this.#moved && book.blocks <= MAX_REPLAYED;
        this.#moved &&= !moved;
        return moved;
      },
      emit: (event) => {
        this.#findings = event;
        this.#emit(event);
      },
    }, signal).catch(() => {});
  }

  async #follow(book: CoreBook, events: AsyncIterator<FeedsEvent>): Promise<void> {
    for (;;) {
      const { done, value } = await events.next();
      if (done) return;
      if (value.type === 'head') this.#head(book, value.head);
      // A service that was restarted tells nothing of what moved meanwhile.
      if (value.type === 'service' && value.state === 'up') await book.load().catch(() => {});
    }
  }

  #head(book: CoreBook, head: CoreState): void {
    book.take(head);
    this.#moved = true;
  }

  #tick(): void {
    const at = Date.now();
    const peers = this.#peers.next(this.#source.peers());
    if (peers !== null) {
      this.#emit({ event: 'peers', at, peers: peers.changed, gone: peers.gone });
    }
    if (this.#ticks++ % STATUS_TICKS === 0) {
      const status = this.#source.status();
      if (this.#status.next([status]) !== null) this.#emit({ event: 'status', at, status });
      const trust = this.#source.trust?.() ?? null;
      if (trust !== null && trust !== this.#trust) this.#emit({ event: 'trust', at, trust });
      this.#trust = trust;
      const ledger = this.#source.ledger?.() ?? null;
      if (ledger !== null && ledger !== this.#ledger) this.#emit({ event: 'ledger', at, ledger });
      this.#ledger = ledger;
      const { fingerprints } = this.#machines();
      if (fingerprints !== undefined && fingerprints !== this.#fingerprints) {
        this.#emit({ event: 'fingerprints', at, fingerprints });
      }
      this.#fingerprints = fingerprints ?? null;
    }
    this.#read().catch(() => {});
  }

  /** Nothing where no source has any. */
  #machines(): { fingerprints?: FingerprintRows } {
    const fingerprints = this.#source.fingerprints?.();
    return fingerprints === undefined ? {} : { fingerprints };
  }

  async #read(): Promise<void> {
    if (this.#book === null || this.#reading) return;
    this.#reading = true;
    try {
      const { cores, entries } = await this.#book.news();
      const at = Date.now();
      if (cores.length > 0) this.#emit({ event: 'cores', at, cores });
      for (const entry of entries) this.#emit({ event: 'entry', at, entry });
      this.#remember(entries);
    } finally {
      this.#reading = false;
    }
  }

  #remember(entries: readonly EntryRow[]): void {
    this.#entries.push(...entries);
    if (this.#entries.length > MAX_ENTRIES) {
      this.#entries.splice(0, this.#entries.length - MAX_ENTRIES);
    }
  }
}
