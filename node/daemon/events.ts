/** Events that a subscriber who does not read may fall behind before it loses the oldest. */
const MAX_BEHIND = 4096;

/** An event of the node, as `nexus up --json` and dashboards see it. */
export interface NodeEvent {
  event: string;
  /** Milliseconds since 1970. */
  at: number;
  [field: string]: unknown;
}

/** Fans events out to any number of subscribers; a slow one loses its oldest, never blocks. */
export class EventBus {
  #subscribers = new Set<(event: NodeEvent) => void>();
  #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  emit(event: string, fields: Record<string, unknown> = {}): void {
    const whole: NodeEvent = { event, at: this.#now(), ...fields };
    for (const subscriber of this.#subscribers) subscriber(whole);
  }

  /** Calls `listener` for each event until the returned function is called. */
  on(listener: (event: NodeEvent) => void): () => void {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  /** Events from now on; ends when the signal aborts. */
  async *subscribe(signal: AbortSignal): AsyncGenerator<NodeEvent, void, void> {
    const queue: NodeEvent[] = [];
    let lost = 0;
    let wake = () => {};
    const off = this.on((event) => {
      if (queue.length >= MAX_BEHIND) {
        queue.shift();
        lost++;
      }
      queue.push(event);
      wake();
    });
    const stop = () => wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        if (lost > 0) {
          const missed = lost;
          lost = 0;
          yield { event: 'lagged', at: this.#now(), lost: missed };
        }
        const next = queue.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      off();
    }
  }
}
