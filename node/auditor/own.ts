import { plainCopy, sha256, toHex } from '../../feeds/base/mod.ts';
import type { LogRecord } from '../../feeds/records/mod.ts';

/** Audits that are remembered, and answers that this node got. */
const MAX_SUBJECTS = 16_384;
const MAX_TABLES = 4096;

/** What this node has logged itself about a subject. */
interface Said {
  requested: boolean;
  /** Index and value of its commitment. */
  commit: { index: number; value: Uint8Array } | null;
  revealed: boolean;
  /** Auditors (hexadecimal) to whom it was opened. */
  opened: Set<string>;
}

const NOTHING: Readonly<Said> = {
  requested: false,
  commit: null,
  revealed: false,
  opened: new Set(),
};

/** What {@link OwnEntries} knows: plain data. */
export interface OwnState {
  said: ReadonlyMap<string, Said>;
  tables: ReadonlySet<string>;
  rooted: ReadonlyMap<string, number>;
  shown: ReadonlyMap<string, string>;
  proven: ReadonlySet<string>;
}

/**
 * The own logs' entries about audits: they are the memory that survives a restart, so that nothing is
 * said twice, also where no cut covers it yet.
 */
export class OwnEntries {
  readonly #said: Map<string, Said>;
  readonly #tables: Set<string>;
  /** By network, the newest epoch whose ledger's root it vouched for. */
  readonly #rooted: Map<string, number>;
  /** Hash of the artifact that an executor showed for an attempt. */
  readonly #shown: Map<string, string>;
  /** Artifacts with a proof in the log. */
  readonly #proven: Set<string>;

  constructor(from: Partial<OwnState> = {}) {
    const { said, tables, rooted, shown, proven } = plainCopy(from);
    this.#proven = new Set(proven);
    this.#said = new Map(said);
    this.#tables = new Set(tables);
    this.#rooted = new Map(rooted);
    this.#shown = new Map(shown);
  }

  state(): OwnState {
    return plainCopy({
      said: this.#said,
      tables: this.#tables,
      rooted: this.#rooted,
      shown: this.#shown,
      proven: this.#proven,
    });
  }

  /** True where this very table of a calibration stands in the log. */
  vouches(table: Uint8Array): boolean {
    return this.#tables.has(toHex(sha256(table)));
  }

  /** Hashes (hexadecimal) of the artifacts of which the log has a proof, oldest first. */
  get proven(): ReadonlySet<string> {
    return this.#proven;
  }

  /** Newest epoch of a network of which the log has the ledger's root; -1: none. */
  rooted(network: Uint8Array): number {
    return this.#rooted.get(toHex(network)) ?? -1;
  }

  /** @param subject hexadecimal */
  get(subject: string): Readonly<Said> {
    return this.#said.get(subject) ?? NOTHING;
  }

  /**
   * Hash of the signed artifact that this node was shown for an attempt of its own job; null where it
   * was shown none, or it is not known any more. @param job hexadecimal
   */
  shown(job: string, attempt: number): string | null {
    return this.#shown.get(`${job}:${attempt}`) ?? null;
  }

  /** Takes the next entry of an own log in. */
  take(record: LogRecord, index: number): void {
    switch (record.type) {
      case 'request':
        this.#of(record.subject).requested = true;
        return;
      case 'verdictCommit': {
        const said = this.#of(record.subject);
        said.commit ??= { index, value: record.value.slice() };
        return;
      }
      case 'verdictReveal':
        this.#of(record.subject).revealed = true;
        return;
      case 'open':
        this.#of(record.subject).opened.add(toHex(record.auditor));
        return;
      case 'settle':
        if (record.artifact === null) return;
        this.#shown.set(`${toHex(record.job)}:${record.attempt}`, toHex(record.artifact));
        if (this.#shown.size > MAX_SUBJECTS) this.#shown.delete(this.#shown.keys().next().value!);
        return;
      case 'proof':
        this.#proven.add(toHex(record.subject));
        if (this.#proven.size > MAX_SUBJECTS) {
          this.#proven.delete(this.#proven.values().next().value!);
        }
        return;
      case 'ledgerRoot': {
        const newest = Math.max(this.rooted(record.network), record.epoch);
        this.#rooted.set(toHex(record.network), newest);
        return;
      }
      case 'calibration':
        if (this.#tables.size < MAX_TABLES) this.#tables.add(toHex(sha256(record.table)));
    }
  }

  #of(subject: Uint8Array): Said {
    const key = toHex(subject);
    let said = this.#said.get(key);
    if (said === undefined) {
      said = { ...NOTHING, opened: new Set() };
      this.#said.set(key, said);
      if (this.#said.size > MAX_SUBJECTS) this.#said.delete(this.#said.keys().next().value!);
    }
    return said;
  }
}
