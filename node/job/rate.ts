/** How fast tokens come at this moment. */
export interface Rate {
  /** Output tokens so far. */
  tokens: number;
  /** Since the figure before this one. */
  tokensPerSecond: number;
}

/** Two a second are enough for an eye. */
const EVERY_MS = 500;

/** Measures a stream of tokens in steps: few figures, however fast the tokens come. */
export class RateMeter {
  readonly #everyMs: number;
  #at: number | null = null;
  #tokens = 0;

  constructor(everyMs: number = EVERY_MS) {
    this.#everyMs = everyMs;
  }

  /**
   * Takes note of how many tokens there are; null while it is too early for another figure.
   * @param tick monotonic milliseconds
   */
  take(tokens: number, tick: number): Rate | null {
    const since = this.#at;
    if (since !== null && tick - since < this.#everyMs) return null;
    const each = tokens - this.#tokens;
    this.#at = tick;
    this.#tokens = tokens;
    if (since === null) return null;
    return { tokens, tokensPerSecond: Math.round(each * 10_000 / (tick - since)) / 10 };
  }
}
