import { fromHex, toHex } from '../../feeds/base/mod.ts';
import type { CutView, Electorate, Taken } from '../../feeds/agreement/mod.ts';
import type { CoreState, Feeds } from '../../feeds/client/mod.ts';
import { type LogRecord, verifyEd25519, verifyRecordSignature } from '../../feeds/records/mod.ts';
import { Bell } from './bell.ts';
import { type Cursor, cursorOf, type Positions } from './cursor.ts';
import type { Known } from './heads.ts';
import { Hearsay } from './hearsay.ts';
import { recordOf } from './record.ts';

/** Of the feeds service, what it takes to read the witnesses' logs. */
export type ReadFeeds = Pick<Feeds, 'states' | 'read' | 'events' | 'follow'>;

/** Blocks of one log that are read at once: a log that waits for others is not read far ahead. */
const AHEAD = 64;
/** A block that does not come within this is done without, milliseconds: it was dropped for good. */
const GAP_MS = 10_000;
/** Cores of proposals that are followed on a witness's word alone. */
const MAX_UNCERTIFIED = 512;

/** An entry of a witness's log, and what the view made of it. */
export interface WitnessEntry {
  /** Whose log, hexadecimal. */
  witness: string;
  index: number;
  record: LogRecord;
  taken: Taken;
}

/** The witnesses' `attestations` logs as far as they are here, and how far all cores are. */
export class WitnessLogs {
  /** Newest state of each core that is here, and the newest of which every block was. */
  readonly states = new Map<string, Known>();
  /** Cores (hexadecimal) of which two histories were proven. */
  readonly #forked = new Set<string>();
  readonly #feeds: ReadFeeds;
  readonly #electorate: Electorate;
  readonly #self: string;
  readonly #everything: boolean;
  readonly #tick: () => number;
  readonly #cursors = new Map<string, Cursor>();
  /** By core, whose `attestations` log it says to be, hexadecimal; empty for any other core. */
  readonly #names = new Map<string, string>();
  /** Whom logs are read of now. */
  #wanted: ReadonlySet<string> = new Set();
  readonly #followed = new Set<string>();
  readonly #events: AsyncIterator<unknown>;
  #uncertified = 0;
  readonly #moved = new Bell();
  /** Null where nobody but the first witnesses ever proposes. */
  readonly #hearsay: Hearsay | null;

  /**
   * @param everything true: every core that a cut names is followed; false: only until all
   * witnesses' logs are found
   * @param from where logs that are known already go on
   * @param elects whether others than the first witnesses may come to certify cuts
   * @param self whose log is read whether it is a witness now or not
   */
  constructor(
    feeds: ReadFeeds,
    electorate: Electorate,
    everything: boolean,
    tick: () => number = () => performance.now(),
    from: Positions = new Map(),
    elects = false,
    self = '',
  ) {
    this.#feeds = feeds;
    this.#electorate = electorate;
    this.#self = self;
    this.#hearsay = elects ? new Hearsay() : null;
    this.#everything = everything;
    this.#tick = tick;
    this.#want();
    for (const [key, { witness, at }] of from) {
      if (!this.#wanted.has(witness)) continue;
      this.#names.set(key, witness);
      this.#cursors.set(key, cursorOf(fromHex(key), witness, at));
    }
    const events = feeds.events[Symbol.asyncIterator]();
    this.#events = events;
    this.#follow(events).catch(() => {});
  }

  get positions(): Positions {
    return new Map(
      [...this.#cursors].map(([key, { witness, at, gaps }]) =>
        [key, { witness, at: Math.min(at, gaps.first) }] as const
      ),
    );
  }

  /** Witnesses (hexadecimal) whose logs are not found yet. */
  get unfound(): string[] {
    return [...this.#wanted].filter((key) => !this.#has(key)).sort();
  }

  /** Looks at all cores that are here. */
  async load(): Promise<void> {
    const known = [...this.#cursors.values()].map(({ core }) => core);
    if (known.length > 0) await this.#feeds.follow(known).catch(() => {});
    for (const state of await this.#feeds.states()) this.#note(state);
  }

  /** States of the cores of which nothing is proven. */
  honest(): Known[] {
    return [...this.states].filter(([key]) => !this.#forked.has(key)).map(([, known]) => known);
  }

  /** Cores (hexadecimal) of the logs that are read: those of the witnesses. */
  get cores(): ReadonlySet<string> {
    return new Set(this.#cursors.keys());
  }

  /** Resolves when a core has moved since the last call. */
  moved(): Promise<void> {
    return this.#moved.rung;
  }

  /** True if a witness's log was taken to its end as it is here. */
  isRead(witness: string): boolean {
    const cursor = [...this.#cursors.values()].find((one) => one.witness === witness);
    return cursor !== undefined && cursor.at === this.#lengthOf(cursor.core);
  }

  /** Shows the view what is new, in turns, until nothing is left that it takes. */
  async *take(view: CutView): AsyncGenerator<WitnessEntry, void, void> {
    this.#moved.reset();
    await this.#identify(view);
    await this.#ask();
    for (let progress = true; progress;) {
      progress = false;
      if (this.#want()) await this.#seat(view);
      for (const cursor of this.#cursors.values()) {
        for await (const entry of this.#entries(cursor, view)) {
          progress = true;
          yield entry;
        }
      }
      if (progress) continue;
      for (const cursor of this.#cursors.values()) {
        for await (const entry of this.#belated(cursor, view)) {
          if (entry.taken.cut !== null) progress = true;
          yield entry;
        }
        for await (const entry of this.#repeated(cursor, view)) {
          if (entry.taken.cut !== null) progress = true;
          yield entry;
        }
      }
    }
  }

  /** Follows cores that a witness named. @param certified by a quorum */
  async heard(cores: readonly Uint8Array[], certified: boolean): Promise<void> {
    if (!this.#everything && this.unfound.length === 0) return;
    const fresh = cores.filter((core) => {
      const key = toHex(core);
      return !this.states.has(key) && !this.#followed.has(key);
    });
    const few = certified ? fresh : fresh.slice(0, MAX_UNCERTIFIED - this.#uncertified);
    if (few.length === 0) return;
    if (!certified) this.#uncertified += few.length;
    for (const core of few) this.#followed.add(toHex(core));
    // A store that follows too many already says so elsewhere.
    await this.#feeds.follow(few).catch(() => {});
  }

  /** Reads no more. */
  close(): void {
    this.#events.return?.().catch(() => {});
    this.#moved.ring();
  }

  async #follow(events: AsyncIterator<unknown>): Promise<void> {
    for (;;) {
      const { value, done } = await events.next() as IteratorResult<
        { type: string; head?: CoreState; state?: string; core?: Uint8Array; evidence?: unknown }
      >;
      if (done) return;
      if (value.type === 'head') this.#note(value.head!);
      else if (value.type === 'misconduct' && value.evidence) this.#forked.add(toHex(value.core!));
      else if (value.type === 'service' && value.state === 'up') await this.load().catch(() => {});
    }
  }

  #note(state: CoreState): void {
    const key = toHex(state.key);
    const known = this.states.get(key);
    const isWhole = state.held >= state.length && state.fork === 0;
    this.states.set(key, { newest: state, whole: isWhole ? state : known?.whole ?? null });
    this.#moved.ring();
  }

  #has(witness: string): boolean {
    return [...this.#cursors.values()].some((cursor) => cursor.witness === witness);
  }

  #lengthOf(core: Uint8Array): number {
    return this.states.get(toHex(core))?.newest.length ?? 0;
  }

  /** Whose logs are to be read by now. @returns whether that has changed */
  #want(): boolean {
    const wanted = new Set(this.#electorate.known.flatMap(({ keys }) => keys));
    if (this.#self !== '') wanted.add(this.#self);
    const isSame = wanted.size === this.#wanted.size &&
      [...wanted].every((key) => this.#wanted.has(key));
    this.#wanted = wanted;
    return !isSame;
  }

  /** Others are witnesses now, or will be: their logs are read, those of the former ones no more. */
  async #seat(view: CutView): Promise<void> {
    for (const [key, { witness }] of this.#cursors) {
      if (!this.#wanted.has(witness)) this.#cursors.delete(key);
    }
    await this.heard([...view.covered.keys()].map((key) => fromHex(key)), true);
    await this.#identify(view);
  }

  /** Finds out which of the cores are witnesses' logs. */
  async #identify(view: CutView): Promise<void> {
    if (this.unfound.length === 0) return;
    for (const [key, { newest: { key: core, length } }] of this.states) {
      const known = this.#names.get(key);
      if (length === 0 || this.#cursors.has(key) || known === '') continue;
      if (known !== undefined && (!this.#wanted.has(known) || this.#has(known))) continue;
      const [first] = await this.#blocks(core, 0, 1);
      if (!first) continue;
      const record = recordOf(first);
      const isLog = record?.type === 'identity' && toHex(record.attestations) === key;
      const witness = isLog ? toHex(record.publicKey) : '';
      this.#names.set(key, witness);
      if (!isLog || !this.#wanted.has(witness) || this.#has(witness)) continue;
      if (!await verifyRecordSignature(record, verifyEd25519)) {
        this.#names.set(key, '');
        continue;
      }
      // A witness speaks of an epoch when the cut before is certified: after what that covers. Of its
      // own log it needs all.
      const covered = witness === this.#self ? 1 : view.covered.get(key)?.length ?? 1;
      this.#cursors.set(key, cursorOf(core, witness, covered));
      await this.#feeds.follow([core]).catch(() => {});
    }
  }

  /** Where witnesses' logs are not found: follows what other identities name who propose cuts later. */
  async #ask(): Promise<void> {
    const hearsay = this.#hearsay;
    if (hearsay === null || this.unfound.length === 0) return;
    const read = (core: Uint8Array, start: number, end: number) => this.#blocks(core, start, end);
    for (const [key, { newest: { key: core, length } }] of this.states) {
      const identity = this.#names.get(key) ?? '';
      if (identity === '' || this.#cursors.has(key)) continue;
      const named = await hearsay.hear({ core, identity, length }, read);
      const fresh = named.filter((one) => !this.states.has(toHex(one)));
      if (fresh.length > 0) await this.#feeds.follow([core, ...fresh]).catch(() => {});
    }
  }

  async *#entries(cursor: Cursor, view: CutView): AsyncGenerator<WitnessEntry, void, void> {
    const { witness } = cursor;
    for (;;) {
      const block = await this.#next(cursor);
      if (block === undefined) return;
      const index = cursor.at;
      const record = block === null ? null : recordOf(block);
      if (record !== null) {
        const taken = await this.#show(view, record);
        if (taken.later) return;
        yield { witness, index, record, taken };
      }
      if (block === null) cursor.gaps.add(index, view.epoch);
      cursor.at++;
      cursor.blocks.shift();
      cursor.missing = null;
    }
  }

  /** What was done without and has come by now. */
  async *#belated({ core, witness, gaps }: Cursor, view: CutView): AsyncGenerator<WitnessEntry> {
    gaps.forget(view.epoch);
    if (gaps.range === null) return;
    const { start, end } = gaps.range;
    for (const [i, block] of (await this.#blocks(core, start, end)).entries()) {
      const index = start + i;
      if (block === null || !gaps.has(index)) continue;
      const record = recordOf(block);
      const taken = record === null ? null : await this.#show(view, record);
      if (taken?.later === true) return;
      gaps.delete(index);
      if (record !== null && taken !== null) yield { witness, index, record, taken };
    }
  }

  /**
   * What a log that runs ahead says of the epoch that is being decided: it may repeat others' votes, or
   * be the only one that names a log without which that epoch has no cut.
   */
  async *#repeated(cursor: Cursor, view: CutView): AsyncGenerator<WitnessEntry, void, void> {
    const { core, witness } = cursor;
    const { epoch } = view;
    const length = this.#lengthOf(core);
    if (cursor.ahead.epoch !== epoch) cursor.ahead = { epoch, at: cursor.at + 1, missing: null };
    const { ahead } = cursor;
    while (ahead.at < length && ahead.epoch === view.epoch) {
      const blocks = await this.#blocks(core, ahead.at, Math.min(length, ahead.at + AHEAD));
      if (blocks.length === 0) return;
      for (const block of blocks) {
        if (block === null && !this.#isGone(ahead)) return;
        const index = ahead.at++;
        if (block === null) continue;
        ahead.missing = null;
        const record = recordOf(block);
        const taken = record === null ? null : await this.#show(view, record);
        if (record !== null && taken?.later === false) yield { witness, index, record, taken };
      }
    }
  }

  /** Shows the view a record; cores that it names are followed on its witness's word. */
  async #show(view: CutView, record: LogRecord): Promise<Taken> {
    if (record.type === 'proposal') await this.heard(record.heads.map(({ core }) => core), false);
    return await view.take(record);
  }

  /** The block at a cursor; null for one that is gone, undefined where there is none yet. */
  async #next(cursor: Cursor): Promise<Uint8Array | null | undefined> {
    const length = this.#lengthOf(cursor.core);
    if (cursor.at >= length) return undefined;
    if (!cursor.blocks[0]) {
      const end = Math.min(length, cursor.at + AHEAD);
      cursor.blocks = await this.#blocks(cursor.core, cursor.at, end);
    }
    const [block] = cursor.blocks;
    if (block) return block;
    return this.#isGone(cursor) ? null : undefined;
  }

  /** True if the block that is missing there has not come in time. */
  #isGone(at: { missing: number | null }): boolean {
    at.missing ??= this.#tick();
    return this.#tick() - at.missing > GAP_MS;
  }

  async #blocks(core: Uint8Array, start: number, end: number): Promise<(Uint8Array | null)[]> {
    const blocks: (Uint8Array | null)[] = [];
    try {
      for await (const { value } of this.#feeds.read(core, { start, end })) blocks.push(value);
    } catch { /* read again when the core moves, or the service is back */ }
    return blocks;
  }
}
