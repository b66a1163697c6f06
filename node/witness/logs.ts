import { fromHex, toHex } from '../../feeds/base/mod.ts';
import type { CutView, Electorate } from '../../feeds/agreement/mod.ts';
import type { CoreState, Feeds } from '../../feeds/client/mod.ts';
import { verifyEd25519, verifyRecordSignature } from '../../feeds/records/mod.ts';
import { Bell } from './bell.ts';
import { type Cursor, cursorOf, type Positions } from './cursor.ts';
import type { Known } from './heads.ts';
import { Hearsay } from './hearsay.ts';
import { LogReader, type WitnessEntry } from './reader.ts';
import { recordOf } from './record.ts';

/** Of the feeds service, what it takes to read the witnesses' logs. */
export type ReadFeeds = Pick<Feeds, 'states' | 'read' | 'events' | 'follow'>;

/** Cores of proposals that are followed on a witness's word alone. */
const MAX_UNCERTIFIED = 512;

export interface WitnessLogsOptions {
  feeds: ReadFeeds;
  electorate: Electorate;
  /** Every core that a cut names is followed; else only until all witnesses' logs are found. */
  everything: boolean;
  /** Milliseconds of a clock that only goes forward. */
  tick?: (() => number) | undefined;
  /** Where logs that are known already go on. */
  from?: Positions | undefined;
  /** Whether others than the first witnesses may come to certify cuts. */
  elects?: boolean | undefined;
  /** Whose log (hexadecimal) is read whether it is a witness now or not. */
  self?: string;
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
  readonly #reader: LogReader;
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

  constructor(options: WitnessLogsOptions) {
    const { feeds, electorate, everything, from = new Map(), elects = false, self = '' } = options;
    const { tick = () => performance.now() } = options;
    this.#feeds = feeds;
    this.#electorate = electorate;
    this.#self = self;
    this.#hearsay = elects ? new Hearsay(tick) : null;
    this.#everything = everything;
    this.#reader = new LogReader({
      feeds,
      lengthOf: (core) => this.#lengthOf(core),
      named: (cores) => this.heard(cores, false),
      tick,
    });
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
        for await (const entry of this.#reader.entries(cursor, view)) {
          progress = true;
          yield entry;
        }
      }
      if (progress) continue;
      for (const cursor of this.#cursors.values()) {
        for await (const entry of this.#reader.belated(cursor, view)) {
          if (entry.taken.cut !== null) progress = true;
          yield entry;
        }
        for await (const entry of this.#reader.repeated(cursor, view)) {
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
      const [first] = await this.#reader.blocks(core, 0, 1);
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
    const read = (core: Uint8Array, start: number, end: number) =>
      this.#reader.blocks(core, start, end);
    for (const [key, { newest: { key: core, length } }] of this.states) {
      const identity = this.#names.get(key) ?? '';
      if (identity === '' || this.#cursors.has(key)) continue;
      const named = await hearsay.hear({ core, identity, length }, read);
      const fresh = named.filter((one) => !this.states.has(toHex(one)));
      if (fresh.length > 0) await this.#feeds.follow([core, ...fresh]).catch(() => {});
    }
  }
}
