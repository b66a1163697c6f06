import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import type { Clock } from './clock.ts';
import { decodeMessage, type JobMessage } from './wire.ts';

/** How long to wait for the next message, milliseconds. */
export interface Patience {
  /** Silence of any kind. */
  silenceMs: number;
  /** Since {@link Inbox.progress}: messages that bring nothing do not count. */
  idleMs: number;
  /** What did not come in time, for the error's code: `FIRST_TOKEN_LATE`, `TOKEN_LATE`, … */
  late: string;
}

/**
 * The requester's side of reading: a message, or the reason why none comes. Only time in which
 * somebody waits here counts, and of that only time in which this process really ran: a reader who
 * pauses, or a machine that starves us, does not make a peer look dead.
 */
export class Inbox {
  readonly #messages: AsyncIterator<Uint8Array>;
  readonly #clock: Clock;
  #next: Promise<IteratorResult<Uint8Array>> | null = null;
  #silent = 0;
  #idle = 0;
  #longest = 0;

  constructor(channel: Channel, clock: Clock) {
    this.#messages = channel[Symbol.asyncIterator]();
    this.#clock = clock;
  }

  /** Longest silence so far, milliseconds. */
  get longestSilence(): number {
    return this.#longest;
  }

  /** Something came that the idle deadline was waiting for. */
  progress(): void {
    this.#idle = 0;
  }

  /**
   * @returns null if the peer closed the channel
   * @throws {NexusError} `PEER_SILENT`, the code in `patience.late`, `PEER_LOST`, `BAD_MESSAGE`;
   * the reason of `signal`
   */
  async next(patience: Patience, signal?: AbortSignal): Promise<JobMessage | null> {
    this.#next ??= this.#messages.next();
    this.#next.catch(() => {});
    const result = await this.#wait(this.#next, patience, signal);
    this.#next = null;
    this.#silent = 0;
    if (result.done) return null;
    return decodeMessage(result.value);
  }

  #wait<T>(value: Promise<T>, patience: Patience, signal?: AbortSignal): Promise<T> {
    const { silenceMs, idleMs, late } = patience;
    const step = Math.max(1, Math.min(silenceMs, idleMs) / 8);
    return new Promise<T>((resolve, reject) => {
      let from = this.#clock.tick();
      let cancel = (): void => {};
      const abort = (): void => end(() => reject(asNexusError(signal!.reason)));
      const count = (): void => {
        const now = this.#clock.tick();
        const ran = Math.min(now - from, 1.5 * step);
        from = now;
        this.#silent += ran;
        this.#idle += ran;
        this.#longest = Math.max(this.#longest, this.#silent);
      };
      const end = (settle: () => void): void => {
        cancel();
        signal?.removeEventListener('abort', abort);
        count();
        settle();
      };
      const look = (): void => {
        count();
        if (this.#silent >= silenceMs) end(() => reject(silent(this.#silent)));
        else if (this.#idle >= idleMs) end(() => reject(tooLate(late, this.#idle)));
        else cancel = this.#clock.after(due(), look);
      };
      // Beats come more often than steps end: what is left of the deadline counts too.
      const due = (): number => Math.max(1, Math.min(step, idleMs - this.#idle));
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) return abort();
      value.then((v) => end(() => resolve(v)), (e) => end(() => reject(asNexusError(e))));
      cancel = this.#clock.after(due(), look);
    });
  }
}

function silent(ms: number): NexusError {
  return new NexusError('PEER_SILENT', `not a sign of life for ${Math.round(ms)} ms`, {
    hint: 'the machine or its connection died, or it is suspended',
  });
}

function tooLate(code: string, ms: number): NexusError {
  return new NexusError(code, `alive, but nothing came for ${Math.round(ms)} ms`, {
    hint: 'the engine there hangs or is overloaded',
  });
}
