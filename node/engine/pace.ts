/** Calls that are looked at: more of a size than a calibration makes. */
const KNOWN = 8;
/**
 * Fewer are tried where calls take so many times as long as the quickest, on the average. Rows further
 * back in a context take longer, too, but not that; threads that wait for each other do not always.
 */
const SLOW = 2.5;
/** What the best is forgotten by, a call: models, prompts and machines change. */
const FORGET = 1.01;
/** Calls of a try; fewer threads are taken up if they take less than this share. */
const TRIED = 4, WORTH = 0.8;
/** Calls until it is tried again; each time in vain twice as many, up to a bound. */
const AGAIN = 32, SELDOM = 256;

/**
 * How many threads the calls of one kind take, by what they took lately. The threads of a call wait for
 * each other: where other programs hold a processor, all wait for the one that has none, and half of
 * them are several times as fast. The result of a call does not depend on it (`determinismClass`).
 */
export class ThreadPace {
  readonly #most: number;
  readonly #fewer: number;
  /** Taken by whoever is not tried just now. */
  #isFewer = false;
  #best = Infinity;
  /** What the newest calls took, ms a row: of the choice, and of what is tried. */
  #recent: number[] = [];
  #tried: number[] | null = null;
  #wait = 0;
  #again = AGAIN;

  /** @param most threads where nobody else needs them */
  constructor(most: number) {
    this.#most = most;
    this.#fewer = Math.max(1, most >> 1);
  }

  /** For the next call. */
  get threads(): number {
    return this.#isFewer === (this.#tried === null) ? this.#fewer : this.#most;
  }

  /** What the call took that was made with {@link threads}. @param ms a row */
  took(ms: number): void {
    if (this.#fewer === this.#most) return;
    if (this.#tried !== null) {
      this.#tried.push(ms);
      return this.#tried.length < TRIED ? undefined : this.#decide(this.#tried);
    }
    this.#recent = [...this.#recent, ms].slice(-KNOWN);
    this.#wait = Math.max(0, this.#wait - 1);
    if (!this.#isFewer) {
      this.#best = Math.min(FORGET * this.#best, ms);
      if (this.#recent.length < KNOWN) return;
      if (mean(this.#recent) <= SLOW * this.#best) {
        this.#again = AGAIN;
        return;
      }
    }
    if (this.#wait === 0) this.#tried = [];
  }

  #decide(tried: readonly number[]): void {
    this.#tried = null;
    this.#wait = this.#again;
    this.#again = Math.min(SELDOM, 2 * this.#again);
    // Threads that have to wait are quick at times: for them to be as before, each try is to be.
    const usual = mean(this.#recent);
    const isBetter = this.#isFewer ? Math.max(...tried) < usual : mean(tried) < WORTH * usual;
    if (!isBetter) return;
    this.#isFewer = !this.#isFewer;
    this.#recent = [];
    // More are given up again as soon as they are slow.
    if (!this.#isFewer) this.#wait = 0;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
