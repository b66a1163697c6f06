import { NexusError, toHex } from '../base/mod.ts';
import { CHANNEL_WINDOW, MAX_MESSAGE } from '../wire/mod.ts';
import type { Channel } from './types.ts';

/** Credits go back in lots, so that a token stream does not cost a message for each message. */
const LOT = { messages: 16, bytes: CHANNEL_WINDOW.bytes / 4 };

/** Where a channel's traffic goes. */
export interface ChannelPort {
  data(message: Uint8Array): void;
  credit(messages: number, bytes: number): void;
  close(): void;
}

interface Waiting {
  message: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

/** The Deno end of a channel. */
export class PeerChannel implements Channel {
  readonly peer: Uint8Array;
  readonly protocol: string;
  readonly id: Uint8Array;
  handshake: Uint8Array;
  readonly #port: ChannelPort;
  readonly #inbox: Uint8Array[] = [];
  readonly #outbox: Waiting[] = [];
  #room = { ...CHANNEL_WINDOW } as { messages: number; bytes: number };
  #taken = { messages: 0, bytes: 0 };
  #ended: { error: NexusError | null; local: boolean } | null = null;
  #wake: (() => void) | null = null;

  constructor(
    name: { peer: Uint8Array; protocol: string; id: Uint8Array; handshake: Uint8Array },
    port: ChannelPort,
  ) {
    this.peer = name.peer;
    this.protocol = name.protocol;
    this.id = name.id;
    this.handshake = name.handshake;
    this.#port = port;
  }

  /** @throws {NexusError} `MESSAGE_TOO_LARGE`, `CHANNEL_CLOSED`, `PEER_LOST`, `FEEDS_LOST` */
  send(message: Uint8Array): Promise<void> {
    if (message.length > MAX_MESSAGE) {
      return Promise.reject(
        new NexusError('MESSAGE_TOO_LARGE', `a message of ${message.length} bytes`, {
          hint: `send at most ${MAX_MESSAGE} bytes at a time`,
        }),
      );
    }
    if (this.#ended !== null) return Promise.reject(this.#endError());
    if (this.#outbox.length === 0 && this.#fits(message)) {
      this.#put(message);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => this.#outbox.push({ message, resolve, reject }));
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        while (this.#inbox.length === 0 && this.#ended === null) {
          await new Promise<void>((resolve) => this.#wake = resolve);
        }
        const message = this.#inbox.shift();
        if (message !== undefined) {
          this.#took(message.length);
          return { value: message, done: false };
        }
        if (this.#ended?.error) throw this.#ended.error;
        return { value: undefined, done: true };
      },
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
    };
  }

  close(): Promise<void> {
    if (this.#ended === null) {
      this.end(null, true);
      this.#inbox.length = 0;
      this.#port.close();
    }
    return Promise.resolve();
  }

  // What the service tells.

  deliver(message: Uint8Array): void {
    if (this.#ended !== null) return;
    this.#inbox.push(message);
    this.#signal();
  }

  grant(messages: number, bytes: number): void {
    this.#room.messages += messages;
    this.#room.bytes += bytes;
    while (this.#outbox.length > 0 && this.#fits(this.#outbox[0]!.message)) {
      const waiting = this.#outbox.shift()!;
      this.#put(waiting.message);
      waiting.resolve();
    }
  }

  end(error: NexusError | null, local = false): void {
    if (this.#ended !== null) return;
    this.#ended = { error, local };
    for (const waiting of this.#outbox) waiting.reject(this.#endError());
    this.#outbox.length = 0;
    this.#signal();
  }

  #fits(message: Uint8Array): boolean {
    return this.#room.messages > 0 && this.#room.bytes >= message.length;
  }

  #put(message: Uint8Array): void {
    this.#room.messages--;
    this.#room.bytes -= message.length;
    this.#port.data(message);
  }

  #took(bytes: number): void {
    this.#taken.messages++;
    this.#taken.bytes += bytes;
    if (this.#taken.messages < LOT.messages && this.#taken.bytes < LOT.bytes) return;
    if (this.#ended === null) this.#port.credit(this.#taken.messages, this.#taken.bytes);
    this.#taken = { messages: 0, bytes: 0 };
  }

  #signal(): void {
    this.#wake?.();
    this.#wake = null;
  }

  #endError(): NexusError {
    return this.#ended?.error ??
      new NexusError('CHANNEL_CLOSED', `the ${this.protocol} channel was closed`, {
        peer: toHex(this.peer),
      });
  }
}
