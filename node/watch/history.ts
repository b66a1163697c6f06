import type { NodeEvent } from '../control/mod.ts';

const MAX_EVENTS = 1000;
/** Candidates of a choice that are remembered. */
const MAX_CANDIDATES = 4;

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
    this.#events.push(slim(event));
    if (this.#events.length > this.#limit) this.#events.shift();
  }

  /** Oldest first. */
  get events(): NodeEvent[] {
    return [...this.#events];
  }
}

function slim(event: NodeEvent): NodeEvent {
  const { candidates } = event;
  if (!Array.isArray(candidates) || candidates.length <= MAX_CANDIDATES) return event;
  return { ...event, candidates: candidates.slice(0, MAX_CANDIDATES) };
}
