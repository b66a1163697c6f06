import { NexusError } from '../base/mod.ts';
import { startChild } from './child.ts';
import { readBlocks } from './read.ts';
import type { CoreState, Feeds, SignedHead } from './types.ts';

/** Logs that are read and not written, by whoever wrote them. */
export type StoredLogs = Pick<Feeds, 'cores' | 'states' | 'head' | 'read'> & AsyncDisposable;

export interface ArchiveOptions {
  /** Path of the Node binary; found on the PATH if left out. */
  node?: string;
}

const CLOSE_MS = 3000;

/**
 * Opens a store to read its logs, whoever's they are: needs no identity, no network, and changes
 * nothing. A copy of a store will do.
 * @param folder the `store` of a home
 * @throws {NexusError} `STORE_MISSING`, `STORE_UNREADABLE`, `NODE_NOT_FOUND`, `FEEDS_NOT_STARTED`
 */
export async function openArchive(
  folder: string,
  { node = 'node' }: ArchiveOptions = {},
): Promise<StoredLogs> {
  const child = await startChild({ program: 'feeds', node }, {
    call: () => Promise.reject(new NexusError('UNKNOWN_METHOD', 'nothing is served here')),
    event: () => {},
    data: () => {},
    credit: () => {},
    closed: () => {},
  });
  const { link } = child;
  const close = async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    await link.call('close').catch(() => {});
    await child.ended;
    clearTimeout(timer);
  };
  try {
    await link.call('open-archive', { folder });
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const call = (method: string, args: unknown = null, signal?: AbortSignal) =>
    link.call(method, args, signal);
  return {
    cores: async () => await call('cores') as Uint8Array[],
    states: async () => await call('states') as CoreState[],
    head: async (core) => await call('head', { core }) as SignedHead,
    read: (core, options = {}) => readBlocks(call, core, options),
    [Symbol.asyncDispose]: close,
  };
}
