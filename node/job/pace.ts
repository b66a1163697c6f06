/** A stretch of an answer over which an executor's pace was measured. */
export interface Stretch {
  ms: number;
  tokens: number;
}

/** Shorter stretches say more about packets than about the executor. */
const STRETCH_MS = 200;
/** The rest of a short answer counts if it has so much. */
const REST_MS = 20;
const REST_TOKENS = 8;
/** A reader who takes longer lets tokens pile up. */
const READER_MS = 5;
/** What comes sooner had piled up. */
const WAITED_MS = 1;

/**
 * Measures tokens per time from when they are read. Messages come in bursts, and what piled up behind a
 * slow reader comes at once: neither is the executor's pace.
 */
export class Pace {
  #from: number | null = null;
  #tokens = 0;
  #asked = 0;
  #last = 0;

  /** Tokens were read: the stretch that they complete, if any. @param now milliseconds */
  read(now: number, tokens: number): Stretch | null {
    this.#last = now;
    if (this.#from === null) {
      if (now - this.#asked > WAITED_MS) this.#start(now);
      return null;
    }
    this.#tokens += tokens;
    const ms = now - this.#from;
    if (ms < STRETCH_MS) return null;
    const stretch = { ms, tokens: this.#tokens };
    this.#start(now);
    return stretch;
  }

  /** The reader is ready for more, so long after the last tokens. @param now milliseconds */
  asked(now: number, readerMs: number): void {
    this.#asked = now;
    if (readerMs > READER_MS) this.#from = null;
  }

  /** The answer is over: what is left of it, if that says anything. */
  rest(): Stretch | null {
    if (this.#from === null || this.#tokens < REST_TOKENS) return null;
    const ms = this.#last - this.#from;
    return ms < REST_MS ? null : { ms, tokens: this.#tokens };
  }

  #start(now: number): void {
    this.#from = now;
    this.#tokens = 0;
  }
}
