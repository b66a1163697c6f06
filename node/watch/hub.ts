import type { WatchEvent } from '../control/mod.ts';
import { LossyQueue } from './queue.ts';
import { Sampling, type WatchSource } from './sampling.ts';

/** Rows and events that a watcher who does not read may fall behind. */
const MAX_BEHIND = 8192;

type Watcher = LossyQueue<WatchEvent>;

/**
 * Samples a node for all who watch it, once, and only while somebody does. A watcher that is slow
 * loses events and begins anew with a snapshot; the node never waits for it.
 */
export class WatchHub {
  readonly #source: WatchSource;
  readonly #watchers = new Set<Watcher>();
  #sampling: Sampling | null = null;

  constructor(source: WatchSource) {
    this.#source = source;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<WatchEvent, void, void> {
    const queue: Watcher = new LossyQueue(MAX_BEHIND, weigh);
    this.#watchers.add(queue);
    const sampling = this.#sampling ??= new Sampling(this.#source, (event) => {
      for (const watcher of this.#watchers) watcher.push(event);
    });
    try {
      await sampling.ready(signal);
      for (;;) {
        queue.clear();
        queue.takeLost();
        if (signal.aborted) return;
        yield* sampling.state();
        const lost = yield* this.#follow(queue, signal);
        if (lost === 0) return;
        yield { event: 'lagged', at: Date.now(), lost };
      }
    } finally {
      this.#watchers.delete(queue);
      if (this.#watchers.size === 0 && this.#sampling === sampling) {
        this.#sampling = null;
        sampling.stop();
      }
    }
  }

  /** Yields events until some were lost: returns how many; 0 at the end. */
  async *#follow(
    queue: Watcher,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, number, void> {
    while (!signal.aborted) {
      const lost = queue.takeLost();
      if (lost > 0) return lost + queue.clear();
      const event = queue.take();
      if (event !== undefined) yield event;
      else await queue.ready(signal);
    }
    return 0;
  }
}

/** Tables count by their rows. */
function weigh(event: WatchEvent): number {
  const rows = (event as Record<string, unknown>)[event.event];
  return Array.isArray(rows) ? 1 + rows.length : 1;
}
