import type { NodeEvent } from '../control/mod.ts';
import { History, LossyQueue } from '../watch/mod.ts';

/** Events that a subscriber who does not read may fall behind before it loses the oldest. */
const MAX_BEHIND = 4096;

/** Fans events out to any number of subscribers; a slow one loses its oldest, never blocks. */
export class EventBus {
  readonly #history = new History();
  readonly #subscribers = new Set<(event: NodeEvent) => void>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The newest events, oldest first. */
  get history(): NodeEvent[] {
    return this.#history.events;
  }

  emit(event: string, fields: Record<string, unknown> = {}): void {
    const whole: NodeEvent = { event, at: this.#now(), ...fields };
    this.#history.take(whole);
    for (const subscriber of this.#subscribers) subscriber(whole);
  }

  /** Calls `listener` for each event until the returned function is called. */
  on(listener: (event: NodeEvent) => void): () => void {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  /** Events from now on; ends when the signal aborts. */
  async *subscribe(signal: AbortSignal): AsyncGenerator<NodeEvent, void, void> {
    const queue = new LossyQueue<NodeEvent>(MAX_BEHIND);
    const off = this.on((event) => queue.push(event));
    try {
      while (!signal.aborted) {
        const lost = queue.takeLost();
        if (lost > 0) yield { event: 'lagged', at: this.#now(), lost };
        const next = queue.take();
        if (next !== undefined) yield next;
        else await queue.ready(signal);
      }
    } finally {
      off();
    }
  }
}
