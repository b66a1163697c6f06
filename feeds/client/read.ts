import type { Block } from './types.ts';

type Call = (method: string, args: unknown, signal?: AbortSignal) => Promise<unknown>;
interface Page {
  blocks: (Uint8Array | null)[];
  length: number;
}

/** Reads blocks page by page; the next page is on its way while one is consumed. */
export async function* readBlocks(
  call: Call,
  core: Uint8Array,
  { start = 0, end, signal }: { start?: number; end?: number; signal?: AbortSignal },
): AsyncGenerator<Block> {
  const page = async (from: number, to: number): Promise<Page> =>
    await call('read', { core, start: from, end: to }, signal) as Page;
  let stop = end ?? Number.MAX_SAFE_INTEGER;
  let at = start;
  let next = page(at, stop);
  while (true) {
    const { blocks, length } = await next;
    // A reader without an end reads what was there when it began.
    stop = Math.min(stop, length);
    const from = at;
    at += blocks.length;
    const more = blocks.length > 0 && at < stop;
    if (more) {
      next = page(at, stop);
      next.catch(() => {}); // seen when it is awaited, if it ever is
    }
    for (let i = 0; i < blocks.length; i++) {
      signal?.throwIfAborted();
      yield { index: from + i, value: blocks[i] ?? null };
    }
    if (!more) return;
  }
}
