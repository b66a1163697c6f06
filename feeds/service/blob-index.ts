import { readFile, rename, writeFile } from 'node:fs/promises';
import process from 'node:process';

/** A blob that is held here. */
export interface BlobEntry {
  /** `shared`: a file of this machine, never cleared. `fetched`: may be cleared for the quota. */
  origin: 'shared' | 'fetched';
  /** Last use, milliseconds since 1970. */
  at: number;
  bytes: number;
  /** File that it was made of, with what tells whether the file has changed. */
  path?: string;
  modified?: number;
}

/** Which blobs are held, by key in hexadecimal; kept in a file beside the store. */
export class BlobIndex {
  readonly #file: string;
  readonly #entries: Map<string, BlobEntry>;

  private constructor(file: string, entries: Map<string, BlobEntry>) {
    this.#file = file;
    this.#entries = entries;
  }

  /** A file that is missing or damaged is an empty index: blobs are hashed again when shared. */
  static async open(file: string): Promise<BlobIndex> {
    try {
      const parsed = JSON.parse(await readFile(file, 'utf8')) as Record<string, BlobEntry>;
      return new BlobIndex(file, new Map(Object.entries(parsed)));
    } catch {
      return new BlobIndex(file, new Map());
    }
  }

  /** Key of a file that was shared and has not changed since. */
  find(path: string, bytes: number, modified: number): string | null {
    for (const [key, entry] of this.#entries) {
      if (entry.path === path && entry.bytes === bytes && entry.modified === modified) return key;
    }
    return null;
  }

  get(key: string): BlobEntry | undefined {
    return this.#entries.get(key);
  }

  fetched(): [key: string, entry: BlobEntry][] {
    return [...this.#entries].filter(([, entry]) => entry.origin === 'fetched')
      .sort((a, b) => a[1].at - b[1].at);
  }

  async put(key: string, entry: BlobEntry): Promise<void> {
    this.#entries.set(key, entry);
    await this.#write();
  }

  async drop(key: string): Promise<void> {
    if (this.#entries.delete(key)) await this.#write();
  }

  async #write(): Promise<void> {
    const partial = `${this.#file}.${process.pid}`;
    await writeFile(partial, JSON.stringify(Object.fromEntries(this.#entries)), { mode: 0o600 });
    await rename(partial, this.#file);
  }
}
