import { Buffer } from 'node:buffer';
import { NexusError } from '../base/mod.ts';
import { CHANNEL_WINDOW, MAX_MESSAGE } from '../wire/mod.ts';
import { type MuxChannel, rawBytes } from './native.ts';
import { INVITE, type Session } from './session.ts';

/** Channels that one peer may have opened at a time. */
const MAX_INCOMING = 128;
const MAX_HANDSHAKE = 64 * 1024;

/** What becomes of channels, told to the Deno side. */
export interface ChannelHost {
  incoming(ch: number, end: Opened, protocol: string, id: Uint8Array): void;
  data(ch: number, message: Uint8Array): void;
  credit(ch: number, messages: number, bytes: number): void;
  closed(ch: number, error: NexusError | null): void;
}

/** The peer's end of a channel as it was opened. */
export interface Opened {
  peer: Uint8Array;
  handshake: Uint8Array;
}

interface End {
  session: Session;
  channel: MuxChannel;
  /** What the peer may still send. */
  messages: number;
  bytes: number;
}

/** Channels of all peers, by the numbers that they have between the two processes. */
export class Channels {
  readonly #host: ChannelHost;
  readonly #ends = new Map<number, End>();
  readonly #incoming = new Map<Session, number>();
  readonly #served = new Set<string>();
  #next = 2;

  constructor(host: ChannelHost) {
    this.#host = host;
  }

  /** Lets peers open channels of this protocol. */
  serve(protocol: string, sessions: Iterable<Session>): void {
    checkProtocol(protocol);
    this.#served.add(protocol);
    for (const session of sessions) this.attach(session);
  }

  /** To be called when a session became a guest or was admitted. */
  attach(session: Session): void {
    for (const protocol of this.#served) {
      if (!session.allows(protocol)) continue;
      session.mux.pair({ protocol }, (id) => this.#onincoming(session, protocol, id));
    }
  }

  /**
   * Opens a channel. Resolves when the peer opened its end.
   * @throws {NexusError} `CHANNEL_EXISTS`, `NOT_SERVED`, `PEER_LOST`
   */
  open(
    ch: number,
    session: Session,
    options: { protocol: string; id: Uint8Array; handshake: Uint8Array },
    signal: AbortSignal,
  ): Promise<Opened> {
    const { protocol, handshake } = options;
    checkProtocol(protocol);
    if (handshake.length > MAX_HANDSHAKE) throw tooLarge(handshake.length);
    if (!session.allows(protocol)) throw lost(session, 'not admitted');
    return new Promise((resolve, reject) => {
      let open = false;
      const abort = () => {
        this.close(ch);
        reject(signal.reason);
      };
      const channel = this.#create(ch, session, protocol, options.id, {
        onopen: (theirs) => {
          open = true;
          signal.removeEventListener('abort', abort);
          resolve({ peer: session.key, handshake: theirs });
        },
        onclose: (error) => {
          signal.removeEventListener('abort', abort);
          if (open) return this.#host.closed(ch, error);
          reject(error ?? notServed(session, protocol));
        },
      });
      if (channel === null) {
        const code = session.connection.destroyed ? 'PEER_LOST' : 'CHANNEL_EXISTS';
        return reject(
          new NexusError(code, `cannot open a second ${protocol} channel of one id`, {
            peer: session.name,
            hint: 'close the first one, or use another id',
          }),
        );
      }
      signal.addEventListener('abort', abort, { once: true });
      channel.open(Buffer.from(handshake));
    });
  }

  send(ch: number, message: Uint8Array): void {
    const end = this.#ends.get(ch);
    if (end !== undefined) end.channel.messages[0]!.send(Buffer.from(message));
  }

  /** The Deno side's reader took messages: the peer may send as many again. */
  credit(ch: number, messages: number, bytes: number): void {
    const end = this.#ends.get(ch);
    if (end === undefined) return;
    end.messages += messages;
    end.bytes += bytes;
    const credit = Buffer.alloc(8);
    credit.writeUInt32BE(messages, 0);
    credit.writeUInt32BE(bytes, 4);
    end.channel.messages[1]!.send(credit);
  }

  close(ch: number): void {
    this.#ends.get(ch)?.channel.close();
  }

  #onincoming(session: Session, protocol: string, id: Uint8Array): void {
    const count = this.#incoming.get(session) ?? 0;
    // Not taken up here, Protomux rejects it: the peer reads that as "not served".
    if (count >= MAX_INCOMING || !session.allows(protocol)) return;
    const ch = this.#next;
    this.#next += 2;
    const channel = this.#create(ch, session, protocol, id, {
      onopen: (handshake) => {
        const name = id === null ? new Uint8Array() : new Uint8Array(id);
        this.#host.incoming(ch, { peer: session.key, handshake }, protocol, name);
      },
      onclose: (error) => {
        const left = (this.#incoming.get(session) ?? 1) - 1;
        if (left > 0) this.#incoming.set(session, left);
        else this.#incoming.delete(session);
        this.#host.closed(ch, error);
      },
    });
    if (channel === null) return;
    this.#incoming.set(session, count + 1);
    channel.open(new Uint8Array());
  }

  #create(
    ch: number,
    session: Session,
    protocol: string,
    id: Uint8Array,
    on: { onopen(handshake: Uint8Array): void; onclose(error: NexusError | null): void },
  ): MuxChannel | null {
    let failure: NexusError | null = null;
    const channel = session.mux.createChannel({
      protocol,
      id: id === null || id.length === 0 ? null : Buffer.from(id),
      handshake: rawBytes,
      messages: [
        {
          encoding: rawBytes,
          onmessage: (bytes) => {
            const end = this.#ends.get(ch);
            if (end === undefined) return;
            end.messages--;
            end.bytes -= bytes.length;
            if (bytes.length <= MAX_MESSAGE && end.messages >= 0 && end.bytes >= 0) {
              return this.#host.data(ch, bytes);
            }
            failure = flooded(session, protocol);
            end.channel.close();
          },
        },
        {
          encoding: rawBytes,
          onmessage: (bytes) => {
            if (bytes.length !== 8) return;
            const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
            this.#host.credit(ch, view.getUint32(0), view.getUint32(4));
          },
        },
      ],
      onopen: (handshake) => on.onopen(new Uint8Array(handshake)),
      onclose: () => {
        this.#ends.delete(ch);
        const dead = session.connection.destroying || session.state === 'ended';
        on.onclose(failure ?? (dead ? lost(session, 'the connection ended') : null));
      },
    });
    if (channel === null) return null;
    this.#ends.set(ch, { session, channel, ...CHANNEL_WINDOW });
    return channel;
  }
}

function checkProtocol(protocol: string): void {
  const ours = protocol === INVITE || !protocol.startsWith('nexus/peer');
  if (/^[a-z][a-z0-9-]*(\/[a-z0-9.-]+){1,4}$/.test(protocol) && ours && !RESERVED.test(protocol)) {
    return;
  }
  throw new NexusError('BAD_PROTOCOL', `${JSON.stringify(protocol)} is no name for a protocol`, {
    hint: 'use lower case, like nexus/job/1',
  });
}

/** Names that Hypercore's own replication uses. */
const RESERVED = /^(hypercore|corestore|protomux)\//;

function lost(session: Session, why: string): NexusError {
  return new NexusError('PEER_LOST', `peer ${session.name.slice(0, 16)} is gone: ${why}`, {
    peer: session.name,
    hint: 'connect again, or go on with another peer',
  });
}

function notServed(session: Session, protocol: string): NexusError {
  return new NexusError(
    'NOT_SERVED',
    `peer ${session.name.slice(0, 16)} does not take a ${protocol} channel now`,
    { peer: session.name, hint: 'it may have another role, or be at its limit of channels' },
  );
}

function flooded(session: Session, protocol: string): NexusError {
  return new NexusError(
    'CHANNEL_FLOODED',
    `peer ${session.name.slice(0, 16)} sent more on ${protocol} than it was given room for`,
    { peer: session.name },
  );
}

function tooLarge(bytes: number): NexusError {
  return new NexusError('MESSAGE_TOO_LARGE', `${bytes} bytes in one handshake`, {
    hint: `at most ${MAX_HANDSHAKE} bytes`,
  });
}
