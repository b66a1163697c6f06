import type { VerdictRow } from '../control/mod.ts';
import { readJson, writeJson } from '../home/mod.ts';

/** Newest verdicts that are kept. */
const MAX_ROWS = 2000;
const MAX_REASONS = 16;

/** What audits found in the jobs of this node, kept in a file of the home; the oldest go. */
export class VerdictBook {
  readonly #path: string;
  #rows: VerdictRow[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, rows: VerdictRow[]) {
    this.#path = path;
    this.#rows = rows;
  }

  /** What is not well formed in the file is left out: it can be had again. */
  static async load(path: string): Promise<VerdictBook> {
    const value = await readJson(path).catch(() => undefined);
    const { version, verdicts } = (value ?? {}) as { version?: unknown; verdicts?: unknown };
    const rows = version === 1 && Array.isArray(verdicts) ? verdicts.filter(isRow) : [];
    return new VerdictBook(path, rows.slice(-MAX_ROWS));
  }

  /** Of all jobs, the oldest first. */
  get all(): readonly VerdictRow[] {
    return this.#rows;
  }

  of(job: string): VerdictRow[] {
    return this.#rows.filter((row) => row.job === job);
  }

  /** Keeps one; resolves when written. The same auditor's newer word takes the place of its older. */
  add(verdict: VerdictRow): Promise<void> {
    const same = (row: VerdictRow) =>
      row.job === verdict.job && row.attempt === verdict.attempt && row.by === verdict.by &&
      row.auditor === verdict.auditor;
    this.#rows = [...this.#rows.filter((row) => !same(row)), verdict].slice(-MAX_ROWS);
    const write = () => writeJson(this.#path, { version: 1, verdicts: this.#rows });
    return this.#writing = this.#writing.catch(() => {}).then(write);
  }
}

function isRow(value: unknown): value is VerdictRow {
  const row = (value ?? {}) as Partial<VerdictRow>;
  const isKey = (text: unknown) => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
  const isWord = (text: unknown) => typeof text === 'string' && text.length <= 64;
  return isKey(row.job) && isCount(row.attempt) && isKey(row.executor) &&
    (row.auditor === null || isKey(row.auditor)) && isWord(row.by) && isWord(row.finding) &&
    (row.why === null || isWord(row.why)) && isCount(row.positions) && isCount(row.mismatches) &&
    (row.class === null || isKey(row.class)) && typeof row.exact === 'boolean' &&
    Array.isArray(row.reasons) && row.reasons.length <= MAX_REASONS &&
    row.reasons.every(({ kind, positions }) =>
      isWord(kind) && Array.isArray(positions) && positions.every(isCount)
    ) &&
    (row.ms === null || typeof row.ms === 'number') && isCount(row.at);
}
