import type { Hex } from '../trust/mod.ts';

/** Clocks are set by minutes, not by more, while a node runs. */
export const BACKDATED_MS = 3_600_000;

/** The newest `at` of each log: plain data. */
export type ClocksState = readonly (readonly [core: Hex, at: number])[];

/**
 * Finds entries that are backdated. What an author's clock says is its own claim, and another's clock
 * proves nothing against it; but a log is written from the first entry to the last, so an entry that
 * claims to be more than an hour older than one before it in its own log contradicts its writer.
 * After such a step the log is measured from there on: a clock that was far ahead and is set right is
 * noted once. Nothing in the ledger depends on `at`: the entry counts, and the step costs nothing.
 */
export class Clocks {
  readonly #newest: Map<Hex, number>;

  constructor(state: ClocksState = []) {
    this.#newest = new Map(state);
  }

  /**
   * Takes the entries of a log in their order.
   * @param at milliseconds since 1970, as the entry says
   * @returns milliseconds by which it lies before an earlier one, if that is too much; else null
   */
  take(core: Hex, at: number): number | null {
    const newest = this.#newest.get(core) ?? at;
    const behind = newest - at;
    const isBack = behind > BACKDATED_MS;
    this.#newest.set(core, isBack ? at : Math.max(newest, at));
    return isBack ? behind : null;
  }

  state(): ClocksState {
    return [...this.#newest];
  }
}
