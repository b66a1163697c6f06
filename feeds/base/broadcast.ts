/** Events that one reader may fall behind; older ones are dropped. */
const BACKLOG = 4096;

/**
 * Hands each event to every reader. What happens before the first reader comes is kept for it.
 */
export class Broadcast<T> implements AsyncIterable<T> {
  readonly #readers = new Set<Reader<T>>();
  #early: T[] | null = [];
  #closed = false;

  emit(event: T): void {
    if (this.#early !== null) {
      this.#early.push(event);
      if (this.#early.length > BACKLOG) this.#early.shift();
    }
    for (const reader of this.#readers) reader.push(event);
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    const reader = new Reader<T>(this.#early ?? [], () => this.#readers.delete(reader));
    this.#early = null;
    if (this.#closed) reader.end();
    else this.#readers.add(reader);
    return reader;
  }
}

class Reader<T> implements AsyncIterator<T> {
  readonly #queue: T[];
  readonly #leave: () => void;
  #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #ended = false;

  constructor(queue: T[], leave: () => void) {
    this.#queue = queue;
    this.#leave = leave;
  }

  push(event: T): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting({ value: event, done: false });
    this.#queue.push(event);
    if (this.#queue.length > BACKLOG) this.#queue.shift();
  }

  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting) waiting({ value: undefined, done: true });
    this.#waiting = [];
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#queue.length > 0) {
      return Promise.resolve({ value: this.#queue.shift()!, done: false });
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#queue.length = 0;
    this.end();
    this.#leave();
    return Promise.resolve({ value: undefined, done: true });
  }
}
