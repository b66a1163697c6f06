import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';

/** How two ends in one process are joined. */
export interface PairOptions {
  protocol: string;
  id: Uint8Array;
  handshake: Uint8Array;
  /** Identity keys of the two ends. */
  keys: readonly [Uint8Array, Uint8Array];
  /** Messages that may wait in each direction. */
  window?: number;
}

/** Two ends of one channel, and what can happen to a line. */
export interface ChannelPair {
  ends: readonly [Channel, Channel];
  /** The line dies: both ends see `PEER_LOST`. */
  sever(): void;
}

/**
 * A channel within one process, with the flow control and the endings of one over the mesh: a
 * node's own executor is reached through it.
 */
export function channelPair(options: PairOptions): ChannelPair {
  const [keyA, keyB] = options.keys;
  const a = new End(options, keyB);
  const b = new End(options, keyA);
  a.other = b;
  b.other = a;
  const sever = (): void => {
    a.die();
    b.die();
  };
  return { ends: [a, b], sever };
}

class End implements Channel {
  readonly peer: Uint8Array;
  readonly protocol: string;
  readonly id: Uint8Array;
  readonly handshake: Uint8Array;
  other!: End;
  readonly #window: number;
  readonly #queue: Uint8Array[] = [];
  readonly #blocked: (() => void)[] = [];
  #reader: (() => void) | null = null;
  #state: 'open' | 'ended' | 'lost' = 'open';

  constructor(options: PairOptions, peer: Uint8Array) {
    this.peer = peer;
    this.protocol = options.protocol;
    this.id = options.id;
    this.handshake = options.handshake;
    this.#window = options.window ?? 64;
  }

  async send(message: Uint8Array): Promise<void> {
    const { other } = this;
    while (this.#state === 'open' && other.#queue.length >= other.#window) {
      await new Promise<void>((resolve) => other.#blocked.push(resolve));
    }
    if (this.#state === 'lost') throw this.#lost();
    if (this.#state === 'ended') {
      throw new NexusError('CHANNEL_CLOSED', 'the channel is closed', { peer: toHex(this.peer) });
    }
    other.#queue.push(message);
    other.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        while (this.#queue.length === 0) {
          if (this.#state === 'lost') throw this.#lost();
          if (this.#state === 'ended') return { done: true, value: undefined };
          await new Promise<void>((resolve) => this.#reader = resolve);
        }
        const value = this.#queue.shift()!;
        this.#release();
        return { done: false, value };
      },
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  close(): Promise<void> {
    this.#end('ended');
    // What was sent before stays readable there, then the iteration ends.
    this.other.#end('ended');
    return Promise.resolve();
  }

  die(): void {
    this.#queue.length = 0;
    this.#end('lost');
  }

  #end(state: 'ended' | 'lost'): void {
    if (this.#state !== 'open') return;
    this.#state = state;
    this.#wake();
    this.#release();
    this.other.#release();
  }

  #wake(): void {
    const reader = this.#reader;
    this.#reader = null;
    reader?.();
  }

  #release(): void {
    for (const resolve of this.#blocked.splice(0)) resolve();
  }

  #lost(): NexusError {
    return new NexusError('PEER_LOST', 'the connection is gone', { peer: toHex(this.peer) });
  }
}
