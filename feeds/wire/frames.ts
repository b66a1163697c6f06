import { Buffer } from 'node:buffer';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** Larger than any message between the two processes. */
const MAX_FRAME = 64 * 1024 * 1024;

/**
 * Stands between a socket and bare-rpc. It hands over one frame (u32le length, body) at a time:
 * bare-rpc itself recurses once for each frame of a chunk, and thousands of small ones overflow the
 * stack. Writes of one turn of the event loop leave together.
 */
export class FrameStream extends EventEmitter {
  readonly #socket: Socket;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #corked = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Uint8Array) => this.#take(chunk));
    socket.on('drain', () => this.emit('drain'));
    socket.on('error', () => {}); // bare-rpc needs one end of the stream only: 'close'
    socket.on('close', () => this.emit('close'));
  }

  /** bare-rpc asks for it before it writes. */
  get destroying(): boolean {
    return this.#socket.destroyed;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#socket.destroyed) return false;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      queueMicrotask(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    return this.#socket.write(bytes);
  }

  destroy(error?: Error): void {
    this.#socket.destroy(error);
  }

  #take(chunk: Uint8Array): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    while (this.#heldBytes >= 4) {
      const head = this.#held[0]!.length >= 4 ? this.#held[0]! : this.#join();
      const size = 4 + new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
      if (size > MAX_FRAME) return this.destroy(new Error('frame too large'));
      if (this.#heldBytes < size) return;
      const all = this.#join();
      this.#heldBytes -= size;
      this.#held = this.#heldBytes > 0 ? [all.subarray(size)] : [];
      this.emit('data', all.subarray(0, size));
    }
  }

  #join(): Uint8Array {
    if (this.#held.length === 1) return this.#held[0]!;
    const all = Buffer.concat(this.#held);
    this.#held = [all];
    return all;
  }
}
