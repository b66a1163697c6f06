import { fromHex, messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { DistrustRow } from '../control/mod.ts';
import { readJson, writeJson } from '../home/mod.ts';

/** Beyond it those go first whose time is up soonest; what is proven goes last. */
const MAX_ROWS = 4096;
/** How long the first objection counts; each further one doubles it. */
const FIRST_MS = 3_600_000;
const MOST_MS = 30 * 24 * 3_600_000;
const MAX_DETAIL = 256;

/** What speaks against an executor. */
export interface Evidence {
  cause: string;
  detail: string;
  job: string | null;
  /** It stands for itself: the executor is asked no more, until the owner of this node says so. */
  proven: boolean;
}

/**
 * Executors that this node does not ask, since a check found something. Nobody else is told: a
 * single check is no proof. Kept in a file of the home.
 */
export class Distrust {
  readonly #path: string;
  readonly #now: () => number;
  readonly #rows: Map<string, DistrustRow>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, now: () => number, rows: readonly DistrustRow[]) {
    this.#path = path;
    this.#now = now;
    this.#rows = new Map(rows.map((row) => [row.key, row]));
  }

  /** @throws {NexusError} `DISTRUST_INVALID`: without it a node would ask proven cheats */
  static async load(path: string, now: () => number = Date.now): Promise<Distrust> {
    try {
      return new Distrust(path, now, rowsOf(await readJson(path)));
    } catch (cause) {
      throw new NexusError('DISTRUST_INVALID', `${path} cannot be read: ${messageOf(cause)}`, {
        hint: `mend the file, or remove it to ask everybody again: rm ${path}`,
        cause,
      });
    }
  }

  /** Those that count now. */
  get all(): DistrustRow[] {
    return [...this.#rows.values()].filter((row) => this.#counts(row));
  }

  /** Why an executor is not asked now; null where it may be. */
  of(executor: Uint8Array): DistrustRow | null {
    const row = this.#rows.get(toHex(executor));
    return row !== undefined && this.#counts(row) ? row : null;
  }

  /** In force at once; resolves when written. @param key of the executor, hexadecimal */
  async add(key: string, { cause, detail, job, proven }: Evidence): Promise<DistrustRow> {
    fromHex(key, 32);
    const at = this.#now(), before = this.#rows.get(key);
    const count = (before?.count ?? 0) + 1;
    const forEver = proven || before?.until === null;
    const ms = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(30, count - 1));
    const row: DistrustRow = {
      key,
      cause: !proven && before?.until === null ? before.cause : cause,
      detail: detail.slice(0, MAX_DETAIL),
      job,
      count,
      since: before?.since ?? at,
      until: forEver ? null : at + ms,
    };
    this.#rows.set(key, row);
    this.#prune();
    await this.#write();
    return row;
  }

  /** @returns false if it was not distrusted */
  async remove(key: Uint8Array): Promise<boolean> {
    const known = this.of(key) !== null;
    if (this.#rows.delete(toHex(key))) await this.#write();
    return known;
  }

  #counts({ until }: DistrustRow): boolean {
    return until === null || until > this.#now();
  }

  #prune(): void {
    const spare = this.#rows.size - MAX_ROWS;
    if (spare <= 0) return;
    const rows = [...this.#rows.values()].sort((a, b) =>
      (a.until ?? Infinity) - (b.until ?? Infinity) || a.since - b.since
    );
    for (const { key } of rows.slice(0, spare)) this.#rows.delete(key);
  }

  #write(): Promise<void> {
    const write = () => writeJson(this.#path, { version: 1, distrusted: [...this.#rows.values()] });
    return this.#writing = this.#writing.catch(() => {}).then(write);
  }
}

/** Validates what a file says. */
function rowsOf(value: unknown): DistrustRow[] {
  if (value === undefined) return [];
  const { version, distrusted } = (value ?? {}) as { version?: unknown; distrusted?: unknown };
  if (version !== 1) throw new Error('version must be 1');
  if (!Array.isArray(distrusted) || distrusted.length > MAX_ROWS) {
    throw new Error(`distrusted must be a list of at most ${MAX_ROWS}`);
  }
  return distrusted.map((row, i) => {
    if (!isRow(row)) throw new Error(`distrusted[${i}] is not as it was written`);
    const { key, cause, detail, job, count, since, until } = row;
    return { key, cause, detail, job, count, since, until };
  });
}

function isRow(value: unknown): value is DistrustRow {
  const { key, cause, detail, job, count, since, until } = (value ?? {}) as Partial<DistrustRow>;
  const isKey = (text: unknown) => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
  const isTime = (time: unknown) => Number.isSafeInteger(time) && (time as number) >= 0;
  return isKey(key) && typeof cause === 'string' && cause.length <= 32 &&
    typeof detail === 'string' && detail.length <= MAX_DETAIL && (job === null || isKey(job)) &&
    isTime(count) && isTime(since) && (until === null || isTime(until));
}
