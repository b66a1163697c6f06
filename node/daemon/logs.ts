import { asNexusError, equalBytes } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { type ArtifactRecord, decodeRecord, type LogName } from '../../feeds/records/mod.ts';

/** How far back an entry is looked for whose fate the service took with it, blocks. */
const LOOK_BACK = 1024;

type Appended = { index: number; length: number };

/**
 * The own logs of a node whose feeds service may still be on its way up: an answer does not wait for
 * it, its entries do. Entries survive a service that dies while it writes them, and are written once.
 */
export class OwnLogs implements Pick<Feeds, 'append'> {
  readonly #feeds: Promise<Feeds>;
  readonly #writing = new Set<Promise<unknown>>();

  constructor(feeds: Promise<Feeds>) {
    this.#feeds = feeds;
    feeds.catch(() => {}); // told to whoever appends
  }

  append(log: LogName, blocks: Uint8Array[]): Promise<Appended> {
    const writing = this.#feeds.then((feeds) => append(feeds, log, blocks));
    this.#writing.add(writing);
    const done = () => this.#writing.delete(writing);
    writing.then(done, done);
    return writing;
  }

  /** The attempts of the last artifacts, oldest first. @param most entries to look at */
  async *committed(
    most: number,
  ): AsyncGenerator<{ job: Uint8Array; attempt: number }, void, void> {
    const feeds = await this.#feeds;
    const core = feeds.identity.artifacts;
    const { length } = await feeds.head(core);
    const start = Math.max(0, length - most);
    for await (const { value } of feeds.read(core, { start, end: length })) {
      const record = value && artifactOf(value);
      if (record !== null) yield record;
    }
  }

  /** Resolves when nothing is being written. */
  async flushed(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
  }
}

/** Null for other entries, also those of a later version of this program. */
function artifactOf(value: Uint8Array): ArtifactRecord | null {
  try {
    const record = decodeRecord(value);
    return record.type === 'artifact' ? record : null;
  } catch {
    return null;
  }
}

async function append(feeds: Feeds, log: LogName, blocks: Uint8Array[]): Promise<Appended> {
  try {
    return await feeds.append(log, blocks);
  } catch (thrown) {
    if (asNexusError(thrown).code !== 'FEEDS_LOST') throw thrown;
    // The next service knows whether the last one wrote them. One call is written as a whole.
    return await find(feeds, log, blocks) ?? await feeds.append(log, blocks);
  }
}

async function find(feeds: Feeds, log: LogName, blocks: Uint8Array[]): Promise<Appended | null> {
  const core = feeds.identity[log];
  const { length } = await feeds.head(core);
  const start = Math.max(0, length - LOOK_BACK);
  for await (const { index, value } of feeds.read(core, { start, end: length })) {
    if (value !== null && equalBytes(value, blocks[0]!)) return { index, length };
  }
  return null;
}
