import { type CutView, type Waiting, waitingFor } from '../../feeds/agreement/mod.ts';

/** Notices epochs that are over and get no cut. */
export class Stall {
  readonly #patienceMs: number;
  readonly #tell: (waiting: Waiting) => void;
  #told = '';
  #at = -Infinity;

  /** @param patienceMs how long a cut may take, and the least time between two notices */
  constructor(patienceMs: number, tell: (waiting: Waiting) => void) {
    this.#patienceMs = patienceMs;
    this.#tell = tell;
  }

  /**
   * Tells once an epoch, and again when the votes of others are missing.
   * @param begun when the vote on the epoch began, on the clock of `now`; null if it has not
   */
  look(view: CutView, begun: number | null, now: number): void {
    if (begun === null || now - Math.max(begun, this.#at) < this.#patienceMs) return;
    const waiting = waitingFor(view);
    const name = `${waiting.epoch} ${waiting.missing.join()}`;
    if (name === this.#told) return;
    this.#told = name;
    this.#at = now;
    this.#tell(waiting);
  }
}
