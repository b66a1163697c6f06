import type { Core } from './native.ts';

/** Blocks that are counted, and cleared, together. */
const PAGE = 64;
/** Where a core remembers what it holds: page, blocks and bytes of each, as 32-bit numbers. */
const PAGES = 'nexus/held-pages';
/** Where it remembers how far its payload was cleared. */
const CLEARED = 'nexus/cleared-to';
/** The identity stays; Hypercore would drop the proof of block 0 together with block 1. */
const KEPT = 2;

interface Page {
  blocks: number;
  bytes: number;
}

/**
 * How much of a core's payload is here, counted as it comes. What a head says of its log's size
 * counts nothing: its writer can claim any size for what it never sends.
 */
export class Held {
  readonly #core: Core;
  #pages = new Map<number, Page>();
  #clearedTo = 0;
  #bytes = 0;
  #changed = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Reads what was saved, and counts again what came after that. The core must be ready. */
  async load(): Promise<void> {
    const cleared = await this.#core.getUserData(CLEARED);
    this.#clearedTo = cleared === null ? 0 : Number(new TextDecoder().decode(cleared)) || 0;
    this.#pages = decode(await this.#core.getUserData(PAGES));
    for (const { bytes } of this.#pages.values()) this.#bytes += bytes;
    const { bitfield } = this.#core.core;
    let at = bitfield.findFirst(true, KEPT);
    while (at >= 0 && at < this.#core.length) {
      const page = Math.floor(at / PAGE);
      await this.#recount(page);
      at = bitfield.findFirst(true, (page + 1) * PAGE);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Blocks below were dropped, but for the first ones. */
  get clearedTo(): number {
    return this.#clearedTo;
  }

  /** A block has arrived. */
  add(index: number, bytes: number): void {
    if (index < KEPT) return;
    const number = Math.floor(index / PAGE);
    const { blocks, bytes: before } = this.#pages.get(number) ?? { blocks: 0, bytes: 0 };
    this.#set(number, { blocks: blocks + 1, bytes: before + bytes });
  }

  /**
   * Drops the oldest payload, at least so many bytes of it; heads and the first blocks stay.
   * @param moved called when {@link clearedTo} has changed, before anything goes
   */
  async clearOldest(bytes: number, moved: () => void = () => {}): Promise<void> {
    const goal = this.#bytes - bytes;
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      if (this.#bytes <= goal || this.#bytes === 0) break;
      const end = Math.min((number + 1) * PAGE, this.#core.length);
      this.#clearedTo = Math.max(this.#clearedTo, end);
      moved();
      await this.#core.setUserData(CLEARED, new TextEncoder().encode(String(this.#clearedTo)));
      // From an even block on, whose neighbours go too, Hypercore keeps the tree of all others.
      await this.#core.clear(Math.max(KEPT, number * PAGE), end);
      this.#set(number, { blocks: 0, bytes: 0 });
    }
    await this.save();
  }

  async save(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    await this.#core.setUserData(PAGES, encode(this.#pages));
  }

  async #recount(number: number): Promise<void> {
    const start = Math.max(KEPT, number * PAGE);
    const end = Math.min((number + 1) * PAGE, this.#core.length);
    const blocks = this.#core.core.bitfield.countSet(start, end - start);
    if (this.#pages.get(number)?.blocks === blocks) return;
    let bytes = 0;
    for (let index = start; index < end; index++) {
      bytes += (await this.#core.get(index, { wait: false }))?.length ?? 0;
    }
    this.#set(number, { blocks, bytes });
  }

  #set(number: number, page: Page): void {
    this.#bytes += page.bytes - (this.#pages.get(number)?.bytes ?? 0);
    if (page.blocks === 0) this.#pages.delete(number);
    else this.#pages.set(number, page);
    this.#changed = true;
  }
}

function encode(pages: ReadonlyMap<number, Page>): Uint8Array {
  const numbers = [...pages].flatMap(([number, { blocks, bytes }]) => [number, blocks, bytes]);
  return new Uint8Array(new Uint32Array(numbers).buffer);
}

function decode(stored: Uint8Array | null): Map<number, Page> {
  const pages = new Map<number, Page>();
  if (stored === null || stored.length % 12 !== 0) return pages;
  const numbers = new Uint32Array(Uint8Array.from(stored).buffer);
  for (let i = 0; i < numbers.length; i += 3) {
    pages.set(numbers[i]!, { blocks: numbers[i + 1]!, bytes: numbers[i + 2]! });
  }
  return pages;
}
