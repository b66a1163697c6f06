import type { FigureHistoryRow } from '../control/mod.ts';

const MOST_ROWS = 32, MOST_MACHINES = 512;

/** What was measured, claimed and attested of machines, the newest of each. */
export class MachineHistory {
  readonly #rows = new Map<string, FigureHistoryRow[]>();

  /** Oldest first; by executor and profile, both hexadecimal, with a colon between them. */
  get all(): ReadonlyMap<string, FigureHistoryRow[]> {
    return this.#rows;
  }

  add(executor: string, profile: string, row: FigureHistoryRow): void {
    const name = `${executor}:${profile}`;
    const rows = [...this.#rows.get(name) ?? [], row];
    this.#rows.set(name, rows.slice(-MOST_ROWS));
    if (this.#rows.size > MOST_MACHINES) this.#rows.delete(this.#rows.keys().next().value!);
  }
}
