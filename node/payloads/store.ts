import { join } from 'node:path';
import { messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import { Held } from './held.ts';
import { readFolder, readSome, removeFile, replaceFile } from './files.ts';
import { sealPayload } from './seal.ts';
import { packTopk, unpackTopk } from './candidates.ts';
import { sealOpenings } from './openings.ts';
import { sealShown, shownOf } from './shown.ts';
import type { Kept, Shown } from './types.ts';

/** How much is kept, and for how long. */
export interface StoreLimits {
  attempts: number;
  /** Bytes of all files together. */
  bytes: number;
  /** Milliseconds: the challenge window. */
  ageMs: number;
}

/** Bounds where a network's rules say nothing else. */
export const PAYLOAD_STORE_LIMITS: Omit<StoreLimits, 'ageMs'> = {
  attempts: 4096,
  bytes: 512 * 1024 * 1024,
};

export interface StoreOptions {
  /** Made if absent; its files are for their owner alone (0600). */
  folder: string;
  limits: StoreLimits;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** File of an attempt: this byte, the job key, the sealed transcript. */
const VERSION = 1;
const HEAD = 33;
const NAME = /^([0-9a-f]{64}-\d{1,5})\.(payload|topk)$/;

/**
 * What this node keeps of attempts, with the job key, until nobody may challenge them any more. The
 * oldest ones go where there are too many.
 */
export class PayloadStore {
  readonly #options: StoreOptions;
  readonly #held: Held;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(options: StoreOptions) {
    this.#options = options;
    this.#held = new Held(options.limits);
  }

  /** Opens the folder; what is too old, and what an earlier run left half-written, goes. */
  static async open(options: StoreOptions): Promise<PayloadStore> {
    const store = new PayloadStore(options);
    const files = await readFolder(options.folder);
    files.sort((a, b) => a.at - b.at);
    for (const { name, bytes, at } of files) {
      const [, attempt, kind] = NAME.exec(name) ?? [];
      const head = kind === 'payload' ? await readSome(join(options.folder, name), HEAD) : null;
      if (head?.[0] === VERSION) store.#held.add(attempt!, { jobKey: head.slice(1), bytes, at });
    }
    for (const { name, bytes } of files) {
      const [, attempt, kind] = NAME.exec(name) ?? [];
      const held = attempt === undefined ? undefined : store.#held.get(attempt);
      if (held === undefined) await removeFile(join(options.folder, name));
      else if (kind === 'topk') held.bytes += bytes;
    }
    await store.sweep();
    return store;
  }

  /** Attempts that are kept. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Keeps an attempt; what is kept of it already stays.
   * @throws {NexusError} `PAYLOAD_NOT_KEPT`, `PAYLOAD_BAD`, `PAYLOAD_TOO_LARGE`
   */
  keep(kept: Kept): Promise<void> {
    return this.#next(() => this.#keep(kept));
  }

  /** The sealed transcript; null where it is not kept. */
  async get(job: Uint8Array, attempt: number): Promise<Uint8Array | null> {
    const name = this.#fresh(toHex(job), attempt);
    if (name === null) return null;
    const file = await readSome(this.#path(name, 'payload'));
    return file?.subarray(HEAD) ?? null;
  }

  /** The job key of an attempt; null where it is not kept. @param job hexadecimal */
  keyOf(job: string, attempt: number): Uint8Array | null {
    const name = this.#fresh(job, attempt);
    return name === null ? null : this.#held.get(name)!.jobKey.slice();
  }

  /**
   * The candidates at positions under the attempt's top-k root, sealed: see `unsealOpenings`; null
   * where they are not kept.
   */
  async openings(
    job: Uint8Array,
    attempt: number,
    positions: readonly number[],
  ): Promise<Uint8Array | null> {
    const kept = await this.#candidates(job, attempt);
    return kept && sealOpenings(kept.topk, kept.from, positions, kept.of);
  }

  /**
   * What a proof of sampling shows at positions under the attempt's top-k root, sealed: see
   * `unsealShown`; null where it is not kept.
   */
  async shown(
    job: Uint8Array,
    attempt: number,
    positions: readonly number[],
  ): Promise<Uint8Array | null> {
    const kept = await this.#candidates(job, attempt);
    return kept && sealShown(kept.topk, kept.from, positions, kept.of);
  }

  async #candidates(job: Uint8Array, attempt: number) {
    const name = this.#fresh(toHex(job), attempt);
    const packed = name === null ? null : await readSome(this.#path(name, 'topk'));
    const found = packed === null ? null : unpackTopk(packed);
    if (found === null) return null;
    return { ...found, of: { jobKey: this.#held.get(name!)!.jobKey, job, attempt } };
  }

  /** Removes what is too old. */
  sweep(): Promise<void> {
    return this.#next(() => this.#remove(this.#held.expired(this.#options.now())));
  }

  /** Resolves when nothing is being written. */
  async flushed(): Promise<void> {
    await this.#work;
  }

  async #keep(kept: Kept): Promise<void> {
    const { job, attempt, jobKey, payload: { prefix } } = kept;
    const name = `${toHex(job)}-${attempt}`;
    if (this.#held.get(name) !== undefined) return;
    const of = { jobKey, job, attempt };
    const sealed = sealPayload(kept, of);
    const file = new Uint8Array(HEAD + sealed.length);
    file[0] = VERSION;
    file.set(jobKey, 1);
    file.set(sealed, HEAD);
    const topk = kept.topk === null ? null : packTopk(prefix.length, kept.topk);
    try {
      if (topk !== null) await replaceFile(this.#path(name, 'topk'), topk);
      await replaceFile(this.#path(name, 'payload'), file);
    } catch (cause) {
      throw new NexusError('PAYLOAD_NOT_KEPT', `a transcript was not kept: ${messageOf(cause)}`, {
        hint: 'make room on the disk: what cannot be shown to an auditor counts as withheld',
        cause,
      });
    }
    const at = this.#options.now(), bytes = file.length + (topk?.length ?? 0);
    this.#held.add(name, { jobKey: jobKey.slice(), bytes, at });
    await this.#remove([...this.#held.expired(at), ...this.#held.excess()]);
  }

  async #remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#held.delete(name);
      await removeFile(this.#path(name, 'payload'));
      await removeFile(this.#path(name, 'topk'));
    }
  }

  /** Its name, unless it is not kept or too old. */
  #fresh(job: string, attempt: number): string | null {
    const name = `${job}-${attempt}`;
    const held = this.#held.get(name);
    if (held === undefined) return null;
    return this.#options.now() - held.at > this.#options.limits.ageMs ? null : name;
  }

  #path(name: string, kind: 'payload' | 'topk'): string {
    return join(this.#options.folder, `${name}.${kind}`);
  }

  /** One after the other: bounds and files agree. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }
}

/**
 * What is kept of an attempt in a folder that another process may be using: nothing is changed.
 * @param job hexadecimal
 */
export async function readKept(
  folder: string,
  job: string,
  attempt: number,
): Promise<{ jobKey: Uint8Array; sealed: Uint8Array } | null> {
  const file = await readSome(join(folder, `${job}-${attempt}.payload`));
  if (file?.[0] !== VERSION || file.length <= HEAD) return null;
  return { jobKey: file.slice(1, HEAD), sealed: file.subarray(HEAD) };
}

/**
 * What a proof shows of an attempt that is kept in a folder that another process may be using.
 * @param job hexadecimal
 * @returns null where this node did not give that answer, or keeps it no more
 */
export async function readShown(
  folder: string,
  job: string,
  attempt: number,
  positions: readonly number[],
): Promise<Shown[] | null> {
  const packed = await readSome(join(folder, `${job}-${attempt}.topk`));
  const found = packed === null ? null : unpackTopk(packed);
  return found && shownOf(found.topk, found.from, positions);
}
