import type { NodeEvent } from '../control/mod.ts';

const MAX_EVENTS = 1000;

/** Told so often that they would push everything else out; the rows of a snapshot have the newest. */
const FREQUENT = new Set(['run-rate', 'job-rate', 'run-progress', 'capability', 'lagged']);

/** The newest events of a node, for whoever comes later. */
export class History {
  readonly #limit: number;
  readonly #events: NodeEvent[] = [];

  constructor(limit: number = MAX_EVENTS) {
    this.#limit = limit;
  }

  take(event: NodeEvent): void {
    if (FREQUENT.has(event.event)) return;
    if (event.event === 'model' && event.type === 'progress') return;
    this.#events.push(event);
    if (this.#events.length > this.#limit) this.#events.shift();
  }

  /** Oldest first. */
  get events(): NodeEvent[] {
    return [...this.#events];
  }
}
