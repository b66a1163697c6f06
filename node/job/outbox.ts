import type { Channel } from '../../feeds/client/mod.ts';
import type { Clock } from './clock.ts';
import { encodeMessage, type JobMessage } from './wire.ts';

/** Sends in order and knows when it last did. */
export class Outbox {
  readonly #channel: Channel;
  readonly #clock: Clock;
  #last: number;
  #pending = 0;
  #chain: Promise<void> = Promise.resolve();

  constructor(channel: Channel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
    this.#last = clock.tick();
  }

  /** Resolves when the channel took the message; rejects when the channel is gone. */
  send(message: JobMessage): Promise<void> {
    const bytes = encodeMessage(message);
    this.#pending++;
    const sent = this.#chain.then(() => this.#channel.send(bytes)).finally(() => {
      this.#pending--;
      this.#last = this.#clock.tick();
    });
    this.#chain = sent.catch(() => {});
    return sent;
  }

  /** Sends a message that nobody waits for; a dead channel is noticed elsewhere. */
  post(message: JobMessage): void {
    this.send(message).catch(() => {});
  }

  /**
   * Says that this end lives, unless something was said lately or is on its way.
   * @returns milliseconds until it is due again
   */
  beat(everyMs: number): number {
    const left = everyMs - (this.#clock.tick() - this.#last);
    // Timers end early by a hair.
    if (this.#pending > 0 || left > 1) return left > 1 ? left : everyMs;
    this.post({ type: 'heartbeat' });
    return everyMs;
  }
}
