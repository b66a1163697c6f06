import type { Core } from './native.ts';

/** Sequential reads give 19k entries a second, 500 in flight 78k. */
const IN_FLIGHT = 512;
const PAGE_BYTES = 4 * 1024 * 1024;

export interface Page {
  /** Blocks from the start that was asked for; null where not held here. */
  blocks: (Uint8Array | null)[];
  /** Current length of the core. */
  length: number;
}

/** Reads a page of blocks `[start, end)`: as many as one batch and one message hold. */
export async function readPage(core: Core, start: number, end: number): Promise<Page> {
  const length = core.length;
  const to = Math.min(end, length, start + IN_FLIGHT);
  const gets: Promise<Uint8Array | null>[] = [];
  for (let i = start; i < to; i++) gets.push(core.get(i, { wait: false }));
  const blocks: (Uint8Array | null)[] = [];
  let size = 0;
  for (const block of await Promise.all(gets)) {
    size += block?.length ?? 0;
    if (size > PAGE_BYTES && blocks.length > 0) break;
    blocks.push(block);
  }
  return { blocks, length };
}
