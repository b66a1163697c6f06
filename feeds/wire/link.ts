import RPC from 'bare-rpc';
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { asNexusError, messageOf, NexusError } from '../base/mod.ts';
import { decodeValue, encodeValue } from './codec.ts';
import { FrameStream } from './frames.ts';

/** Commands of the connection between the Deno side and the feeds service. */
const CALL = 1, CANCEL = 2, EVENT = 3, DATA = 4, CREDIT = 5;

/** What one end does with what the other sends. */
export interface LinkHandlers {
  /** Answers a call; what it throws travels back as a NexusError. */
  call(method: string, args: unknown, signal: AbortSignal): Promise<unknown>;
  event(name: string, value: unknown): void;
  /** A message of a channel. */
  data(channel: number, message: Uint8Array): void;
  /** The reader of a channel took so many messages and bytes. */
  credit(channel: number, messages: number, bytes: number): void;
  /** The other process is gone. */
  closed(): void;
}

interface Request {
  data: Uint8Array | null;
  command: number;
  reply(data: Uint8Array): void;
}

/**
 * Calls, events and channel messages over one socket, alike on both ends. A call can be cancelled;
 * failures arrive as {@link NexusError}s with their code; order is kept among events and messages.
 */
export class Link {
  readonly #rpc: RPC;
  readonly #stream: FrameStream;
  readonly #handlers: LinkHandlers;
  /** Calls of the other end that are under way. */
  readonly #running = new Map<number, AbortController>();
  #nextCall = 1;
  #closed = false;

  constructor(socket: Socket, handlers: LinkHandlers) {
    this.#handlers = handlers;
    this.#stream = new FrameStream(socket);
    this.#stream.on('close', () => this.#onclose());
    const onrequest = (request: unknown): void => {
      try {
        this.#onrequest(request as Request);
      } catch (error) {
        // A callback that throws must not end the connection that others use.
        console.error(`handling a message: ${messageOf(error)}`);
      }
    };
    this.#rpc = new RPC(this.#stream as never, onrequest as never);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Calls a method of the other end.
   * @throws {NexusError} what the other end threw; `FEEDS_LOST` if it died meanwhile; the signal's
   * reason if aborted
   */
  async call(method: string, args: unknown = null, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#closed) throw lost(method);
    const id = this.#nextCall++;
    const request = this.#rpc.request(CALL);
    request.send(packet(encodeValue({ id, method, args })));
    const cancel = () => this.#send(CANCEL, u32(id));
    signal?.addEventListener('abort', cancel, { once: true });
    let answer: Uint8Array;
    try {
      answer = await request.reply() as Uint8Array;
    } catch {
      // Calls end before the socket says that it is closed; the next one must not go into the void.
      this.#onclose();
      throw signal?.aborted ? signal.reason : lost(method);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    const { ok, error } = decodeValue(answer) as { ok?: unknown; error?: unknown };
    if (error === undefined) return ok;
    throw signal?.aborted ? signal.reason : NexusError.fromJSON(error);
  }

  emit(name: string, value: unknown): void {
    this.#send(EVENT, encodeValue({ name, value }));
  }

  data(channel: number, message: Uint8Array): void {
    const bytes = new Uint8Array(4 + message.length);
    new DataView(bytes.buffer).setUint32(0, channel);
    bytes.set(message, 4);
    this.#send(DATA, bytes);
  }

  credit(channel: number, messages: number, bytes: number): void {
    this.#send(CREDIT, u32(channel, messages, bytes));
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #send(command: number, bytes: Uint8Array): void {
    if (!this.#closed) this.#rpc.event(command).send(packet(bytes));
  }

  #onrequest(request: Request): void {
    const bytes = request.data ?? new Uint8Array();
    if (request.command === CALL) return void this.#oncall(request, bytes);
    if (request.command === EVENT) {
      const { name, value } = decodeValue(bytes) as { name: string; value: unknown };
      return this.#handlers.event(name, value);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (request.command === DATA) {
      return this.#handlers.data(view.getUint32(0), bytes.slice(4));
    }
    if (request.command === CREDIT) {
      return this.#handlers.credit(view.getUint32(0), view.getUint32(4), view.getUint32(8));
    }
    if (request.command === CANCEL) this.#running.get(view.getUint32(0))?.abort(cancelled());
  }

  async #oncall(request: Request, bytes: Uint8Array): Promise<void> {
    let id = 0;
    let answer: unknown;
    try {
      const call = decodeValue(bytes) as { id: number; method: string; args: unknown };
      id = call.id;
      const controller = new AbortController();
      this.#running.set(id, controller);
      answer = { ok: await this.#handlers.call(call.method, call.args, controller.signal) };
    } catch (error) {
      answer = { error: asNexusError(error).toJSON() };
    }
    this.#running.delete(id);
    request.reply(packet(encodeValue(answer)));
  }

  #onclose(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort(cancelled());
    this.#running.clear();
    this.#handlers.closed();
  }
}

/** bare-rpc's own types name a Buffer that is not Node's. */
function packet(bytes: Uint8Array): never {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) as never;
}

function u32(...numbers: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((n, i) => view.setUint32(4 * i, n));
  return new Uint8Array(view.buffer);
}

function cancelled(): NexusError {
  return new NexusError('CANCELLED', 'the caller cancelled the call');
}

function lost(method: string): NexusError {
  return new NexusError('FEEDS_LOST', `the feeds service ended during "${method}"`, {
    hint: 'it restarts by itself: repeat the call',
  });
}
