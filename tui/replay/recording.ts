import { copyState, emptyState, type State, step } from '../state/mod.ts';

/** Copies of the state that are kept for going back. */
const MAX_CHECKPOINTS = 48;
const MIN_SPACING = 500;

/** What has happened when; `at` is milliseconds since 1970. */
export interface Recorded {
  /** What all events before those that are kept have led to. */
  base: State;
  events: readonly { at: number }[];
}

/** Events that can be stepped through; of a longer recording these are the last ones. */
const MAX_EVENTS = 200_000;

/** Reads a recording as far back as it can be kept. */
export async function record(source: AsyncIterable<{ at: number }>): Promise<Recorded> {
  const base = emptyState(0, 'recorded');
  let events: { at: number }[] = [];
  for await (const event of source) {
    events.push(event);
    if (events.length < MAX_EVENTS * 1.5) continue;
    const kept = events.slice(-MAX_EVENTS);
    for (const old of events.slice(0, -MAX_EVENTS)) step(base, old);
    events = kept;
  }
  return { base, events };
}

/** Recorded events, and the state after any number of them. */
export class Recording {
  readonly events: readonly { at: number }[];
  readonly #spacing: number;
  readonly #checkpoints = new Map<number, State>();
  #state: State;
  #index = 0;

  constructor({ base, events }: Recorded) {
    this.events = events;
    this.#spacing = Math.max(MIN_SPACING, Math.ceil(events.length / MAX_CHECKPOINTS));
    this.#state = copyState(base);
    this.#checkpoints.set(0, copyState(base));
  }

  /** The state after the first `index` events. What was given before is no longer valid. */
  stateAt(index: number): State {
    const wanted = Math.min(this.events.length, Math.max(0, Math.trunc(index)));
    if (wanted < this.#index) {
      this.#index = Math.floor(wanted / this.#spacing) * this.#spacing;
      while (!this.#checkpoints.has(this.#index)) this.#index -= this.#spacing;
      const version = this.#state.version;
      this.#state = copyState(this.#checkpoints.get(this.#index)!);
      // A version never stands for two states.
      this.#state.version += version;
    }
    while (this.#index < wanted) {
      step(this.#state, this.events[this.#index++]);
      if (this.#index % this.#spacing === 0 && !this.#checkpoints.has(this.#index)) {
        this.#checkpoints.set(this.#index, copyState(this.#state));
      }
    }
    return this.#state;
  }
}
