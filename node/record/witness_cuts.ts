import { toHex } from '../../feeds/base/mod.ts';
import { type Cut, CutView } from '../../feeds/agreement/mod.ts';
import {
  decodeRecord,
  type LogRecord,
  verifyEd25519,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';
import type { Network } from '../network/mod.ts';
import type { LogSource } from './sources.ts';

/** Blocks read at once. */
const PAGE = 512;

/** A log that is read from the front, a page at a time. */
class Cursor {
  readonly #source: Pick<LogSource, 'read'>;
  readonly #core: Uint8Array;
  readonly #length: number;
  #page: (Uint8Array | null)[] = [];
  #from = 0;
  #at = 1;

  constructor(source: Pick<LogSource, 'read'>, core: Uint8Array, length: number) {
    this.#source = source;
    this.#core = core;
    this.#length = length;
  }

  /** The next block; null at the end of what is held here. */
  async peek(): Promise<Uint8Array | null> {
    if (this.#at >= this.#length) return null;
    if (this.#at - this.#from >= this.#page.length) {
      this.#from = this.#at;
      this.#page = [];
      const range = { start: this.#at, end: Math.min(this.#length, this.#at + PAGE) };
      for await (const { value } of this.#source.read(this.#core, range)) this.#page.push(value);
    }
    return this.#page[this.#at - this.#from] ?? null;
  }

  next(): void {
    this.#at++;
  }
}

/** The cuts that the witnesses' logs certify, in order, from the first on; each log is read once. */
export async function* witnessCuts(
  source: Pick<LogSource, 'states' | 'read'>,
  { id: network, file: { witnesses } }: Pick<Network, 'id' | 'file'>,
  signal: AbortSignal,
): AsyncGenerator<Cut, void, void> {
  const view = new CutView({ network, witnesses });
  const cursors = await cursorsOf(source, new Set(witnesses.map(({ key }) => toHex(key))));
  for (let moved = true; moved;) {
    moved = false;
    for (const cursor of cursors) {
      for (let block = await cursor.peek(); block !== null; block = await cursor.peek()) {
        signal.throwIfAborted();
        const record = recordOf(block);
        const taken = record === null ? null : await view.take(record);
        if (taken?.later === true) break;
        cursor.next();
        moved = true;
        if (taken !== null && taken.cut !== null) yield taken.cut;
      }
    }
  }
}

/** The `attestations` logs of witnesses among those that are here. */
async function cursorsOf(
  source: Pick<LogSource, 'states' | 'read'>,
  witnesses: ReadonlySet<string>,
): Promise<Cursor[]> {
  const cursors: Cursor[] = [];
  for (const { key, length } of await source.states()) {
    if (length === 0) continue;
    for await (const { value } of source.read(key, { start: 0, end: 1 })) {
      const first = value && recordOf(value);
      if (first?.type !== 'identity' || !witnesses.has(toHex(first.publicKey))) continue;
      if (toHex(first.attestations) !== toHex(key)) continue;
      if (await verifyRecordSignature(first, verifyEd25519)) {
        cursors.push(new Cursor(source, key, length));
      }
    }
  }
  return cursors;
}

function recordOf(block: Uint8Array): LogRecord | null {
  try {
    return decodeRecord(block);
  } catch {
    return null; // counts for nothing, here as in the fold
  }
}
