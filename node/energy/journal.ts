import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EnergyRow } from '../control/mod.ts';
import { makeFolder, readBytes, writeFileAtomic } from '../home/mod.ts';
import { byDay, parseRow } from './rows.ts';

/** Bounds of what is kept. */
export interface JournalLimits {
  /** With more rows than this the older half becomes sums of days. */
  rows: number;
  /** Sums of days; the oldest go. */
  days: number;
}

const LIMITS: JournalLimits = { rows: 8192, days: 2048 };
const MAX_BYTES = 16 * 2 ** 20;

/**
 * Energy of this node's jobs, kept in a file of the home: a line a job, written when the job is over;
 * what is old is kept as sums. What is not well formed is left out.
 */
export class EnergyJournal {
  readonly #path: string;
  readonly #limits: JournalLimits;
  #rows: EnergyRow[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, rows: EnergyRow[], limits: JournalLimits) {
    this.#path = path;
    this.#rows = rows;
    this.#limits = limits;
  }

  /** Opens the file for one process. */
  static async open(path: string, limits = LIMITS): Promise<EnergyJournal> {
    const { rows, whole } = await readRows(path);
    const journal = new EnergyJournal(path, rows, limits);
    // A line that was torn by a crash would take the next one with it.
    if (!whole) await journal.#rewrite();
    return journal;
  }

  /** Oldest first. */
  get rows(): readonly EnergyRow[] {
    return this.#rows;
  }

  /** Keeps a row; resolves when it is written. */
  add(row: EnergyRow): Promise<void> {
    this.#rows.push(row);
    const full = this.#rows.length > this.#limits.rows;
    if (full) this.#shorten();
    const write = () => full ? this.#rewrite() : this.#append(row);
    return this.#writing = this.#writing.catch(() => {}).then(write);
  }

  #shorten(): void {
    const half = this.#rows.length >> 1;
    const days = byDay(this.#rows.slice(0, half)).slice(-this.#limits.days);
    this.#rows = [...days, ...this.#rows.slice(half)];
  }

  async #append(row: EnergyRow): Promise<void> {
    await makeFolder(dirname(this.#path));
    await appendFile(this.#path, `${JSON.stringify(row)}\n`, { mode: 0o600 });
  }

  #rewrite(): Promise<void> {
    const lines = this.#rows.map((row) => `${JSON.stringify(row)}\n`);
    return writeFileAtomic(this.#path, lines.join(''));
  }
}

/** The rows of a file, oldest first; none where there is no file. `whole`: all of it was well formed. */
export async function readRows(path: string): Promise<{ rows: EnergyRow[]; whole: boolean }> {
  const bytes = await readBytes(path, MAX_BYTES).catch(() => undefined);
  if (bytes === undefined) return { rows: [], whole: false };
  if (bytes === null) return { rows: [], whole: true };
  const lines = new TextDecoder().decode(bytes).split('\n');
  const rest = lines.pop();
  const rows = lines.flatMap((line) => {
    try {
      return parseRow(JSON.parse(line)) ?? [];
    } catch {
      return [];
    }
  });
  return { rows, whole: rest === '' && rows.length === lines.length };
}
