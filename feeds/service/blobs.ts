import { type FileHandle, open, stat } from 'node:fs/promises';
import { Buffer } from 'node:buffer';
import { fromHex, messageOf, NexusError, toHex } from '../base/mod.ts';
import type { Progress } from '../client/types.ts';
import type { BlobIndex } from './blob-index.ts';
import { BLOB_BLOCK, BlobKey } from './blob-key.ts';
import { type Core, Hypercore, type Store } from './native.ts';

/** Blocks of one append: 1 MiB. */
const BATCH = 16;
/** Blocks asked for ahead of the one that is written: 4 MiB. */
const AHEAD = 64;
/** No block came for so long. */
const STALLED_MS = 15_000;

/** Files as cores whose key is the hash of their content. */
export class Blobs {
  readonly #store: Store;
  readonly #index: BlobIndex;
  readonly #sharing = new Map<string, Promise<Uint8Array>>();

  constructor(store: Store, index: BlobIndex) {
    this.#store = store;
    this.#index = index;
  }

  /**
   * Takes a file into the store, so that admitted peers can fetch it.
   * @returns key of the blob: equal for equal files
   * @throws {NexusError} `FILE_UNREADABLE`, `FILE_CHANGED`
   */
  share(path: string): Promise<Uint8Array> {
    const running = this.#sharing.get(path);
    if (running !== undefined) return running;
    const sharing = this.#share(path).finally(() => this.#sharing.delete(path));
    this.#sharing.set(path, sharing);
    return sharing;
  }

  /**
   * Fetches a blob from all peers that have it. What arrived stays if it is broken off.
   * @param maxBytes who names a blob names its size too: more is not begun
   * @throws {NexusError} `BLOB_UNAVAILABLE`, `BLOB_TOO_LARGE`
   */
  async fetch(
    key: Uint8Array,
    path: string,
    maxBytes: number,
    report: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const core = this.#store.get({ key });
    const watch = new Stall(key, core, signal);
    let file: FileHandle | null = null;
    try {
      await core.ready();
      if (core.length === 0) await watch.race(lengthOf(core));
      // A core that is no blob can grow meanwhile.
      const { length, byteLength: total } = core;
      if (total > maxBytes) throw tooLarge(key, total, maxBytes);
      await this.#note(toHex(key), total);
      file = await open(path, 'w', 0o600);
      const range = core.download({ start: 0, end: length });
      range.done().catch(() => {});
      let done = 0;
      report({ done, total });
      const ahead: Promise<Uint8Array | null>[] = [];
      for (let i = 0; i < length; i++) {
        while (ahead.length < AHEAD && i + ahead.length < length) {
          const get = core.get(i + ahead.length);
          get.catch(() => {});
          ahead.push(get);
        }
        const block = await watch.race(ahead.shift()!);
        if (block === null) throw unavailable(key, 'a block is missing');
        await file.write(block);
        done += block.length;
        report({ done, total });
      }
      await file.sync();
    } finally {
      watch.end();
      await file?.close();
      await core.close();
    }
  }

  /** Drops the content of a fetched blob. */
  async clear(key: string): Promise<void> {
    await this.#index.drop(key);
    const core = this.#store.get({ key: fromHex(key, 32), active: false });
    await core.ready();
    await core.clear(0, core.length);
    await core.close();
  }

  async #share(path: string): Promise<Uint8Array> {
    let file: FileHandle | null = null;
    try {
      const { size, mtimeMs } = await stat(path);
      const known = this.#index.find(path, size, mtimeMs);
      if (known !== null) return fromHex(known, 32);
      file = await open(path, 'r');
      const hasher = new BlobKey();
      for await (const block of blocksOf(file, 0, size)) hasher.add(block);
      const key = hasher.key();
      await this.#import(key, file, size);
      const entry = { origin: 'shared', at: Date.now(), bytes: size, path, modified: mtimeMs };
      await this.#index.put(toHex(key), { ...entry, origin: 'shared' });
      return new Uint8Array(key);
    } catch (error) {
      if (error instanceof NexusError) throw error;
      throw new NexusError('FILE_UNREADABLE', `cannot share ${path}: ${messageOf(error)}`, {
        hint: 'check that the file exists, is not empty, and may be read',
        cause: error,
      });
    } finally {
      await file?.close();
    }
  }

  async #import(key: Uint8Array, file: FileHandle, size: number): Promise<void> {
    if (await this.#whole(key)) return;
    // Named after the content: an import that was broken off goes on where it stopped.
    const core = this.#store.get({ name: `blob/${toHex(key)}`, active: false });
    await core.ready();
    let batch: Uint8Array[] = [];
    for await (const block of blocksOf(file, core.length * BLOB_BLOCK, size)) {
      batch.push(block);
      if (batch.length < BATCH) continue;
      await core.append(batch);
      batch = [];
    }
    if (batch.length > 0) await core.append(batch);
    const fixed = await this.#store.staticify(core);
    const same = toHex(fixed.key) === toHex(key);
    await fixed.close();
    await core.close();
    if (!same) {
      throw new NexusError('FILE_CHANGED', 'the file changed while it was read', {
        hint: 'share it again when it is complete',
      });
    }
  }

  async #whole(key: Uint8Array): Promise<boolean> {
    if (!await this.#store.storage.hasCore(Hypercore.discoveryKey(key))) return false;
    const core = this.#store.get({ key, active: false });
    await core.ready();
    const whole = core.length > 0 && core.contiguousLength === core.length;
    await core.close();
    return whole;
  }

  async #note(key: string, bytes: number): Promise<void> {
    if (this.#index.get(key)?.origin === 'shared') return;
    await this.#index.put(key, { origin: 'fetched', at: Date.now(), bytes });
  }
}

/** Bounds a transfer by progress, not by time; and by the caller's signal. */
class Stall {
  readonly #reject: (error: unknown) => void;
  readonly #failed: Promise<never>;
  readonly #timer: ReturnType<typeof setInterval>;
  #at = performance.now();

  constructor(key: Uint8Array, core: Core, signal: AbortSignal) {
    const { promise, reject } = rejecter();
    this.#failed = promise;
    this.#reject = reject;
    const abort = () => this.#reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    core.on('download', () => this.#at = performance.now());
    this.#timer = setInterval(() => {
      if (performance.now() - this.#at < STALLED_MS) return;
      const why = core.peers.length === 0 ? 'no connected peer has it' : 'nothing arrives any more';
      this.#reject(unavailable(key, why));
    }, 500);
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed]);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

function rejecter(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, no) => reject = no);
  promise.catch(() => {});
  return { promise, reject };
}

async function lengthOf(core: Core): Promise<void> {
  while (core.length === 0) {
    await new Promise<void>((resolve) => core.once('append', resolve));
  }
}

async function* blocksOf(file: FileHandle, from: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < size; at += BLOB_BLOCK) {
    const block = Buffer.alloc(Math.min(BLOB_BLOCK, size - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead !== block.length) {
      throw new NexusError('FILE_CHANGED', 'the file became shorter while it was read');
    }
    yield block;
  }
}

function tooLarge(key: Uint8Array, bytes: number, most: number): NexusError {
  const name = toHex(key).slice(0, 16);
  return new NexusError('BLOB_TOO_LARGE', `blob ${name} has ${bytes} bytes, at most ${most} fit`, {
    stage: 'fetch',
    hint: 'ask another peer: this one offers something else',
  });
}

function unavailable(key: Uint8Array, why: string): NexusError {
  return new NexusError('BLOB_UNAVAILABLE', `blob ${toHex(key).slice(0, 16)}: ${why}`, {
    stage: 'fetch',
    hint: 'try again when a peer that holds it is connected',
  });
}
