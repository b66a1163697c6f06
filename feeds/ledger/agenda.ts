import type { Attempt } from './attempt.ts';

/** Attempts by the cut at whose end something is to be done about them. */
export class Agenda {
  readonly #byCut = new Map<number, Attempt[]>();

  /** Moves an attempt to another cut; null: none. */
  set(attempt: Attempt, due: number | null): void {
    attempt.due = due;
    if (due === null) return;
    const list = this.#byCut.get(due);
    if (list === undefined) this.#byCut.set(due, [attempt]);
    else list.push(attempt);
  }

  /** Those that are due, in the order in which they came; each once. */
  take(cut: number): Attempt[] {
    const list = this.#byCut.get(cut);
    if (list === undefined) return [];
    this.#byCut.delete(cut);
    // What was moved in the meantime stands elsewhere, too.
    const due = list.filter((attempt) => attempt.due === cut);
    due.sort((a, b) => a.seq - b.seq);
    return due.filter((attempt, i) => attempt !== due[i - 1]);
  }
}
