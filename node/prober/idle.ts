import type { Idle } from './schedule.ts';

/** Whether somebody's job is here, and since when none is. */
export class Idleness {
  readonly #jobs: () => number;
  readonly #tick: () => number;
  #since: number;
  #interrupt = new AbortController();

  /**
   * @param jobs in work and waiting now
   * @param tick monotonic milliseconds
   */
  constructor(jobs: () => number, tick: () => number) {
    this.#jobs = jobs;
    this.#tick = tick;
    this.#since = -Infinity;
  }

  /** A job was taken: what is being measured is worth nothing any more. */
  begun(): void {
    this.#since = this.#tick();
    this.#interrupt.abort();
    this.#interrupt = new AbortController();
  }

  /** A job has ended. */
  ended(): void {
    this.#since = this.#tick();
  }

  get now(): Idle {
    return { jobs: this.#jobs(), quietMs: this.#tick() - this.#since };
  }

  /** Aborts when the next job is taken. */
  get interrupted(): AbortSignal {
    return this.#interrupt.signal;
  }
}
