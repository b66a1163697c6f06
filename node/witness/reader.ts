import type { CutView, Taken } from '../../feeds/agreement/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { LogRecord } from '../../feeds/records/mod.ts';
import type { Cursor } from './cursor.ts';
import { recordOf } from './record.ts';

/** Blocks of one log that are read at once: a log that waits for others is not read far ahead. */
const AHEAD = 64;
/** A block that does not come within this is done without, milliseconds: it was dropped for good. */
const GAP_MS = 10_000;

/** An entry of a witness's log, and what the view made of it. */
export interface WitnessEntry {
  /** Whose log, hexadecimal. */
  witness: string;
  index: number;
  record: LogRecord;
  taken: Taken;
}

export interface ReaderParts {
  feeds: Pick<Feeds, 'read'>;
  /** Blocks that a core has, as far as is known here. */
  lengthOf: (core: Uint8Array) => number;
  /** Told which cores a proposal names, on its witness's word alone. */
  named: (cores: readonly Uint8Array[]) => Promise<void>;
  /** Milliseconds of a clock that only goes forward. */
  tick: () => number;
}

/** Reads witnesses' logs block by block, and shows a view what they say. */
export class LogReader {
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** What is next in a log, until the view takes no more of it, or the block is not here. */
  async *entries(cursor: Cursor, view: CutView): AsyncGenerator<WitnessEntry, void, void> {
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
  async *belated({ core, witness, gaps }: Cursor, view: CutView): AsyncGenerator<WitnessEntry> {
    gaps.forget(view.epoch);
    if (gaps.range === null) return;
    const { start, end } = gaps.range;
    for (const [i, block] of (await this.blocks(core, start, end)).entries()) {
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
  async *repeated(cursor: Cursor, view: CutView): AsyncGenerator<WitnessEntry, void, void> {
    const { core, witness } = cursor;
    const { epoch } = view;
    const length = this.#parts.lengthOf(core);
    if (cursor.ahead.epoch !== epoch) cursor.ahead = { epoch, at: cursor.at + 1, missing: null };
    const { ahead } = cursor;
    while (ahead.at < length && ahead.epoch === view.epoch) {
      const blocks = await this.blocks(core, ahead.at, Math.min(length, ahead.at + AHEAD));
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
    if (record.type === 'proposal') await this.#parts.named(record.heads.map(({ core }) => core));
    return await view.take(record);
  }

  /** The block at a cursor; null for one that is gone, undefined where there is none yet. */
  async #next(cursor: Cursor): Promise<Uint8Array | null | undefined> {
    const length = this.#parts.lengthOf(cursor.core);
    if (cursor.at >= length) return undefined;
    if (!cursor.blocks[0]) {
      const end = Math.min(length, cursor.at + AHEAD);
      cursor.blocks = await this.blocks(cursor.core, cursor.at, end);
    }
    const [block] = cursor.blocks;
    if (block) return block;
    return this.#isGone(cursor) ? null : undefined;
  }

  /** True if the block that is missing there has not come in time. */
  #isGone(at: { missing: number | null }): boolean {
    at.missing ??= this.#parts.tick();
    return this.#parts.tick() - at.missing > GAP_MS;
  }

  /** Blocks of a core, as far as they are here: null for each that is not. */
  async blocks(core: Uint8Array, start: number, end: number): Promise<(Uint8Array | null)[]> {
    const blocks: (Uint8Array | null)[] = [];
    try {
      for await (const { value } of this.#parts.feeds.read(core, { start, end })) {
        blocks.push(value);
      }
    } catch { /* read again when the core moves, or the service is back */ }
    return blocks;
  }
}
