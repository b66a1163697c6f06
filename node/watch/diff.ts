/** What changed between two samples of a table. */
export interface RowChanges<T> {
  /** Rows that are new or different. */
  changed: T[];
  /** Keys of those that left. */
  gone: string[];
}

/** Compares samples of a table, row by row. */
export class RowDiff<T> {
  readonly #key: (row: T) => string;
  #known = new Map<string, string>();

  constructor(key: (row: T) => string) {
    this.#key = key;
  }

  /** Takes the newest sample; null where nothing is different. */
  next(rows: readonly T[]): RowChanges<T> | null {
    const known = new Map<string, string>();
    const changed: T[] = [];
    for (const row of rows) {
      const key = this.#key(row), text = JSON.stringify(row);
      if (this.#known.get(key) !== text) changed.push(row);
      known.set(key, text);
    }
    const gone = [...this.#known.keys()].filter((key) => !known.has(key));
    this.#known = known;
    return changed.length === 0 && gone.length === 0 ? null : { changed, gone };
  }
}
