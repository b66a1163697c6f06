import { messageOf, NexusError } from '../base/mod.ts';
import { Fields, type Link } from '../wire/mod.ts';
import { PeerChannel } from './channel.ts';
import type { Channel } from './types.ts';

/** All open channels, by the numbers that they have between the two processes. */
export class Conversations {
  readonly #open = new Map<number, PeerChannel>();
  readonly #served = new Map<string, (channel: Channel) => void>();
  /** The service counts in even numbers. */
  #next = 1;

  get served(): Iterable<string> {
    return this.#served.keys();
  }

  serve(protocol: string, handler: (channel: Channel) => void): void {
    this.#served.set(protocol, handler);
  }

  async open(
    link: Link,
    peer: Uint8Array,
    options: { protocol: string; id: Uint8Array; handshake: Uint8Array },
    signal?: AbortSignal,
  ): Promise<Channel> {
    const ch = this.#next;
    this.#next += 2;
    // The peer's first messages may come before the answer to this call.
    const name = { peer, protocol: options.protocol, id: options.id, handshake: new Uint8Array() };
    const channel = this.#add(link, ch, name);
    try {
      const answer = new Fields(await link.call('open', { ch, peer, ...options }, signal));
      channel.handshake = answer.bytes('handshake', 64 * 1024, true);
      return channel;
    } catch (error) {
      this.#open.delete(ch);
      throw error;
    }
  }

  /** A peer opened a channel. */
  incoming(link: Link, value: unknown): void {
    const fields = new Fields(value);
    const ch = fields.number('ch');
    const channel = this.#add(link, ch, {
      peer: fields.bytes('peer', 32),
      protocol: fields.text('protocol', 64),
      id: fields.bytes('id', 1024, true),
      handshake: fields.bytes('handshake', 1024 * 1024, true),
    });
    const handler = this.#served.get(channel.protocol);
    try {
      if (handler === undefined) void channel.close();
      else handler(channel);
    } catch (error) {
      void channel.close();
      console.error(`serving ${channel.protocol}: ${messageOf(error)}`);
    }
  }

  data(ch: number, message: Uint8Array): void {
    this.#open.get(ch)?.deliver(message);
  }

  credit(ch: number, messages: number, bytes: number): void {
    this.#open.get(ch)?.grant(messages, bytes);
  }

  closed(value: unknown): void {
    const fields = new Fields(value);
    const ch = fields.number('ch');
    const error = fields.has('error') ? NexusError.fromJSON(fields.raw('error')) : null;
    this.#open.get(ch)?.end(error);
    this.#open.delete(ch);
  }

  endAll(error: NexusError): void {
    for (const channel of this.#open.values()) channel.end(error);
    this.#open.clear();
  }

  #add(
    link: Link,
    ch: number,
    name: { peer: Uint8Array; protocol: string; id: Uint8Array; handshake: Uint8Array },
  ): PeerChannel {
    const channel = new PeerChannel(name, {
      data: (message) => link.data(ch, message),
      credit: (messages, bytes) => link.credit(ch, messages, bytes),
      close: () => {
        this.#open.delete(ch);
        link.emit('close', { ch });
      },
    });
    this.#open.set(ch, channel);
    return channel;
  }
}
