/** Blocks that are looked for once more, at most: the newest. */
const MOST = 1024;
/** Epochs for which they are. */
const EPOCHS = 64;

/**
 * Blocks of a log that were done without, since they did not come in time. Most were dropped for good;
 * but who was only away for a while may bring them yet, and without them there may be no cut.
 */
export class Gaps {
  /** By index, the epoch that was being decided. */
  readonly #gaps = new Map<number, number>();

  /** The first one; Infinity where there is none. */
  get first(): number {
    return Math.min(...this.#gaps.keys());
  }

  /** From the first to the last, as `[start, end)`; null where there is none. */
  get range(): { start: number; end: number } | null {
    if (this.#gaps.size === 0) return null;
    return { start: this.first, end: Math.max(...this.#gaps.keys()) + 1 };
  }

  has(index: number): boolean {
    return this.#gaps.has(index);
  }

  add(index: number, epoch: number): void {
    this.#gaps.set(index, epoch);
    if (this.#gaps.size > MOST) this.#gaps.delete(this.first);
  }

  delete(index: number): void {
    this.#gaps.delete(index);
  }

  /** That epoch is being decided by now: nobody waits for what was missing long before. */
  forget(epoch: number): void {
    for (const [index, then] of this.#gaps) if (then < epoch - EPOCHS) this.#gaps.delete(index);
  }
}
