import type { Feeds } from '../../feeds/client/mod.ts';
import type { LogName } from '../../feeds/records/mod.ts';

/**
 * The own logs of a node whose feeds service may still be on its way up: an answer does not wait for
 * it, its entries do.
 */
export class OwnLogs implements Pick<Feeds, 'append'> {
  readonly #feeds: Promise<Feeds>;
  readonly #writing = new Set<Promise<unknown>>();

  constructor(feeds: Promise<Feeds>) {
    this.#feeds = feeds;
    feeds.catch(() => {}); // told to whoever appends
  }

  append(log: LogName, blocks: Uint8Array[]): Promise<{ index: number; length: number }> {
    const writing = this.#feeds.then((feeds) => feeds.append(log, blocks));
    this.#writing.add(writing);
    const done = () => this.#writing.delete(writing);
    writing.then(done, done);
    return writing;
  }

  /** Resolves when nothing is being written. */
  async flushed(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
  }
}
