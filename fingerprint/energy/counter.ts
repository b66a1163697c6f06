/**
 * What a counter has grown by, which begins again at 0 when it passes its range.
 * @param range number of values that it takes; a counter of more than one turn between two readings
 *   cannot be told from one of less. Null: it only falls when it was set to 0
 */
export function grown(before: number, now: number, range: number | null): number {
  return now >= before ? now - before : now + (range === null ? 0 : range - before);
}

/** Adds up counters that turn over, each on its own. */
export class Turning {
  readonly #ranges: readonly (number | null)[];
  #last: readonly number[] | null = null;
  #sum = 0;

  /** @param ranges number of values of each counter, see {@link grown} */
  constructor(ranges: readonly (number | null)[]) {
    this.#ranges = ranges;
  }

  /** Takes a value of each counter; returns how much all have grown since the first call. */
  take(values: readonly number[]): number {
    const last = this.#last ?? values;
    for (const [i, value] of values.entries()) {
      this.#sum += grown(last[i]!, value, this.#ranges[i] ?? null);
    }
    this.#last = [...values];
    return this.#sum;
  }
}

/** Adds up power over time: the mean of two samples holds between them (trapezoids). */
export class PowerIntegral {
  #at: number | null = null;
  #watts = 0;
  #joules = 0;

  /**
   * Takes a sample; returns the joules since the first one. One that is older than the last is left
   * out.
   * @param at monotonic milliseconds
   */
  take(at: number, watts: number): number {
    if (this.#at !== null) {
      if (at < this.#at) return this.#joules;
      this.#joules += (this.#watts + watts) / 2 * (at - this.#at) / 1000;
    }
    this.#at = at;
    this.#watts = watts;
    return this.#joules;
  }
}
