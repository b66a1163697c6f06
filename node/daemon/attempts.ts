import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { equalBytes, NexusError } from '../../feeds/base/mod.ts';
import { quoted, readBytes, sweepDrafts, writeFileAtomic } from '../home/mod.ts';
import { attemptName, type AttemptStore } from '../job/mod.ts';
import { AttemptRing, boundOf, MOST_AT_ONCE } from './attempt_ring.ts';

/** Entries at the end of the artifacts log that are looked at besides: the file may have been away. */
const LOOK_BACK = 4096;

export interface AttemptFileOptions {
  path: string;
  /** Attempts that are kept, the newest. */
  most: number;
  /** Attempts that the own log has an artifact of, oldest first. @param most entries to look at */
  committed: (most: number) => AsyncIterable<{ job: Uint8Array; attempt: number }>;
}

/**
 * The attempts that this node has taken, in a file of its home (0600) that is written before anything
 * of an attempt is signed. Without a file the own log tells those that were answered.
 */
export class AttemptFile implements AttemptStore {
  readonly #options: AttemptFileOptions;
  #ring: Promise<AttemptRing> | null = null;
  /** Where records stand that are not written yet. */
  #waiting: number[] = [];
  /** The next write, which takes all that waits then; null: nobody waits for one. */
  #next: Promise<void> | null = null;
  #writing: Promise<void> = Promise.resolve();
  /** What the disk has is not known: the next write writes all of it. */
  #isUnsure = false;

  constructor(options: AttemptFileOptions) {
    this.#options = options;
  }

  /** @throws {NexusError} `ATTEMPTS_DAMAGED`, `FILE_TOO_LARGE`, `FILE_IRREGULAR` */
  async taken(): Promise<Iterable<string>> {
    return (await this.#open()).names();
  }

  async keep(name: string): Promise<void> {
    const ring = await this.#open();
    this.#waiting.push(ring.add(name));
    // Those that come during a write share the next one.
    const next = this.#next ??= this.#writing.then(() => {
      this.#next = null;
      return this.#write(ring);
    });
    this.#writing = next.catch(() => {});
    await next;
  }

  #open(): Promise<AttemptRing> {
    return this.#ring ??= this.#read().catch((thrown) => {
      this.#ring = null;
      throw thrown;
    });
  }

  async #read(): Promise<AttemptRing> {
    const { path, most, committed } = this.#options;
    await sweepDrafts(path);
    const bytes = await readBytes(path, boundOf(most));
    const ring = bytes === null ? new AttemptRing(most) : AttemptRing.read(bytes, most);
    if (ring === null) throw damaged(path);
    const known = new Set(ring.names());
    // What was torn is mended.
    let isNew = bytes === null || !equalBytes(bytes, ring.content());
    for await (const { job, attempt } of committed(bytes === null ? most : LOOK_BACK)) {
      const name = attemptName(job, attempt);
      if (known.has(name)) continue;
      known.add(name);
      ring.add(name);
      isNew = true;
    }
    if (isNew) await this.#writeAll(ring);
    return ring;
  }

  async #write(ring: AttemptRing): Promise<void> {
    const offsets = this.#waiting;
    this.#waiting = [];
    const isWhole = this.#isUnsure || offsets.length > MOST_AT_ONCE;
    this.#isUnsure = true;
    if (isWhole) await this.#writeAll(ring);
    else await this.#writeAt(ring, offsets);
    this.#isUnsure = false;
  }

  async #writeAt(ring: AttemptRing, offsets: readonly number[]): Promise<void> {
    const file = await open(this.#options.path, 'r+');
    try {
      for (const offset of offsets) {
        const record = ring.record(offset);
        await file.write(record, 0, record.length, offset);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #writeAll(ring: AttemptRing): Promise<void> {
    const { path } = this.#options;
    await writeFileAtomic(path, ring.content().slice());
    await syncFolder(dirname(path));
  }
}

/** A file's name is kept by its folder. Not every system can sync one. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

function damaged(path: string): NexusError {
  return new NexusError('ATTEMPTS_DAMAGED', `${path} is damaged: it tells which jobs were taken`, {
    hint:
      'an answer that broke off with this node could be asked for again, and the second one be ' +
      'held against it. Move the file away once the jobs of before are settled, which takes some ' +
      `cuts of the ledger: mv ${quoted(path)} ${quoted(`${path}.old`)}`,
  });
}
