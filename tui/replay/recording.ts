import { emptyState, type State, step } from '../state/mod.ts';

/** Copies of the state that are kept for going back. */
const MAX_CHECKPOINTS = 48;
const MIN_SPACING = 500;

/** Recorded events, and the state after any number of them. */
export class Recording {
  readonly events: readonly { at: number }[];
  readonly #spacing: number;
  readonly #checkpoints = new Map<number, State>();
  #state: State;
  #index = 0;

  constructor(events: readonly { at: number }[]) {
    this.events = events;
    this.#spacing = Math.max(MIN_SPACING, Math.ceil(events.length / MAX_CHECKPOINTS));
    this.#state = emptyState(events[0]?.at ?? 0, 'recorded');
    this.#checkpoints.set(0, structuredClone(this.#state));
  }

  /** The state after the first `index` events. What was given before is no longer valid. */
  stateAt(index: number): State {
    const wanted = Math.min(this.events.length, Math.max(0, Math.trunc(index)));
    if (wanted < this.#index) {
      this.#index = Math.floor(wanted / this.#spacing) * this.#spacing;
      while (!this.#checkpoints.has(this.#index)) this.#index -= this.#spacing;
      const version = this.#state.version;
      this.#state = structuredClone(this.#checkpoints.get(this.#index)!);
      // A version never stands for two states.
      this.#state.version += version;
    }
    while (this.#index < wanted) {
      step(this.#state, this.events[this.#index++]);
      if (this.#index % this.#spacing === 0 && !this.#checkpoints.has(this.#index)) {
        this.#checkpoints.set(this.#index, structuredClone(this.#state));
      }
    }
    return this.#state;
  }
}
