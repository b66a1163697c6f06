/**
 * Cuts text off at the first stop string and holds back what may become one. The outcome does not
 * depend on how the text is cut into pushes.
 */
export class StopFilter {
  readonly #stops: readonly string[];
  #held = '';
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop.length > 0);
  }

  /** True once a stop string was complete: nothing is let through any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The text that is certain not to belong to a stop string. */
  push(text: string): string {
    if (this.#stopped) return '';
    const all = this.#held + text;
    const cut = this.#firstStop(all);
    if (cut !== -1) {
      this.#stopped = true;
      this.#held = '';
      return all.slice(0, cut);
    }
    const keep = this.#partialStop(all);
    this.#held = all.slice(all.length - keep);
    return all.slice(0, all.length - keep);
  }

  /** What was held back, when no more text comes. */
  end(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** Start of the stop string that is complete first; the longest one where several are. */
  #firstStop(all: string): number {
    let bestEnd = Infinity, bestStart = -1;
    for (const stop of this.#stops) {
      const start = all.indexOf(stop);
      if (start === -1) continue;
      const end = start + stop.length;
      if (end < bestEnd || (end === bestEnd && start < bestStart)) bestEnd = end, bestStart = start;
    }
    return bestStart;
  }

  /** Length of the longest end of the text that starts a stop string. */
  #partialStop(all: string): number {
    let keep = 0;
    for (const stop of this.#stops) {
      for (let n = Math.min(stop.length - 1, all.length); n > keep; n--) {
        if (all.endsWith(stop.slice(0, n))) {
          keep = n;
          break;
        }
      }
    }
    return keep;
  }
}
