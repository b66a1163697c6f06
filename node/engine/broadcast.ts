/** Hands every value to all that iterate at the moment. Slow ones lose the oldest values. */
export class Broadcast<T> implements AsyncIterable<T> {
  readonly #readers = new Set<{ queue: T[]; wake: (() => void) | null }>();
  readonly #limit: number;
  #closed = false;

  constructor(limit = 256) {
    this.#limit = limit;
  }

  push(value: T): void {
    for (const reader of this.#readers) {
      reader.queue.push(value);
      if (reader.queue.length > this.#limit) reader.queue.shift();
      reader.wake?.();
    }
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.wake?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    // Registered here, not at the first pull: nothing that happens in between is missed.
    const reader: { queue: T[]; wake: (() => void) | null } = { queue: [], wake: null };
    this.#readers.add(reader);
    const done = { done: true, value: undefined } as const;
    return {
      next: async () => {
        while (reader.queue.length === 0) {
          if (this.#closed || !this.#readers.has(reader)) return done;
          await new Promise<void>((resolve) => reader.wake = resolve);
          reader.wake = null;
        }
        return { done: false, value: reader.queue.shift()! };
      },
      return: () => {
        this.#readers.delete(reader);
        reader.wake?.();
        return Promise.resolve(done);
      },
    };
  }
}
