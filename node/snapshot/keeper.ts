import type { SnapshotFile } from './file.ts';
import type { Snapshot } from './types.ts';

/** A snapshot is written after so many cuts, and no sooner than so many milliseconds after the last. */
const EVERY_CUTS = 64;
const LEAST_MS = 10_000;

export interface KeeperOptions {
  file: Pick<SnapshotFile, 'read' | 'write' | 'remove' | 'sweep'>;
  /** Called with what was found wrong with the file, or kept it from being written. */
  onError: (thrown: unknown) => void;
  everyCuts?: number;
  leastMs?: number;
  /** Milliseconds of a clock that only goes forward. */
  tick?: () => number;
}

/** When snapshots are written: now and then, one at a time, and when the node stops. */
export class SnapshotKeeper {
  readonly #options: KeeperOptions;
  readonly #tick: () => number;
  /** Cuts since the last one that was written, and when that was. */
  #cuts = 0;
  #at: number;
  #writing: Promise<void> | null = null;
  #swept: Promise<void> | null = null;
  #loading: Promise<unknown> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#tick = options.tick ?? (() => performance.now());
    this.#at = this.#tick();
  }

  /** What to go on from; null where there is nothing, or nothing that fits: that is told once. */
  load(): Promise<Snapshot | null> {
    const loaded = this.#loading.then(() => this.#load());
    this.#loading = loaded.catch(() => {});
    return loaded;
  }

  async #load(): Promise<Snapshot | null> {
    const { file, onError } = this.#options;
    await (this.#swept ??= file.sweep().catch(onError));
    try {
      return await file.read();
    } catch (thrown) {
      onError(thrown);
      await this.discard();
      return null;
    }
  }

  /** What was gone on from did not fit: the next time begins with the first cut. */
  async discard(): Promise<void> {
    await this.#writing;
    await this.#options.file.remove().catch(this.#options.onError);
  }

  /** A cut was folded. @param make the state right after it; called at once, where it is time for one */
  folded(make: () => Snapshot): void {
    const { everyCuts = EVERY_CUTS, leastMs = LEAST_MS } = this.#options;
    this.#cuts++;
    const isDue = this.#cuts >= everyCuts && this.#tick() - this.#at >= leastMs;
    if (isDue && this.#writing === null) this.#write(make());
  }

  /** The node stops. @param make null: its state does not fit a cut now */
  async close(make: (() => Snapshot) | null): Promise<void> {
    await this.#writing;
    if (make !== null && this.#cuts > 0) this.#write(make());
    await this.#writing;
  }

  #write(snapshot: Snapshot): void {
    const { file, onError } = this.#options;
    this.#cuts = 0;
    this.#at = this.#tick();
    this.#writing = file.write(snapshot).then(() => {}, onError).finally(() => {
      this.#writing = null;
    });
  }
}
