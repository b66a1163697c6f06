import { NexusError } from '../../feeds/base/mod.ts';
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

/** Nothing was measured: somebody's job goes first. */
export function jobIsHere(): NexusError {
  return new NexusError('BUSY', "somebody's job is here: nothing was measured", {
    hint: 'try again when it has ended',
    stage: 'fingerprint',
  });
}

/**
 * Does what may be done only while nobody's job is here.
 * @param here whether one is here, and what aborts when one comes
 * @throws {NexusError} `BUSY`; what `work` throws; the reason of `signal`
 */
export async function whileIdle<T>(
  here: { isBusy: () => boolean; interrupted: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  if (here.isBusy()) throw jobIsHere();
  try {
    return await work(AbortSignal.any([signal, here.interrupted]));
  } catch (thrown) {
    throw here.interrupted.aborted && !signal.aborted ? jobIsHere() : thrown;
  }
}
