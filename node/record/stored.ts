import { toHex } from '../../feeds/base/mod.ts';
import type { StoredLogs } from '../../feeds/evidence/mod.ts';
import type { LogSource } from './sources.ts';

/** Blocks read at once. */
const PAGE = 4096;

/** Recorded logs as those of a store, as long as they are now; read a page at a time. */
export async function storedLogs(
  source: Pick<LogSource, 'states' | 'read'>,
): Promise<StoredLogs> {
  const states = (await source.states()).filter(({ length }) => length > 0);
  const lengths = new Map(states.map(({ key, length }) => [toHex(key), length]));
  return {
    cores: () => Promise.resolve(states.map(({ key }) => key)),
    async *read(core, { start = 0, end = Infinity, signal } = {}) {
      const last = Math.min(end, lengths.get(toHex(core)) ?? 0);
      for (let at = start; at < last; at += PAGE) {
        signal?.throwIfAborted();
        yield* source.read(core, { start: at, end: Math.min(last, at + PAGE) });
      }
    },
  };
}
