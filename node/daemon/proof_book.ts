import type { Hex } from '../../feeds/trust/mod.ts';
import { readJson, writeJson } from '../home/mod.ts';
import type { Found } from './proof_rows.ts';

/** Text of what is remembered, at most; a proof takes some hundred bytes of it. */
const MAX_BYTES = 2 * 1024 * 1024;
const ROW_BYTES = 96;

/**
 * What this node found of proofs, over restarts: who was asked for the inputs of a proof need not be
 * asked again. Bounded by bytes; the oldest go.
 */
export class ProofBook {
  readonly #path: string | null;
  readonly #onError: (thrown: unknown) => void;
  readonly #found = new Map<Hex, Found>();
  #bytes = 0;
  #dirty = false;
  #writing: Promise<void> | null = null;
  /** Resolves when what was kept is read. */
  readonly ready: Promise<void>;

  /** @param path null: nothing is kept */
  constructor(path: string | null, onError: (thrown: unknown) => void) {
    this.#path = path;
    this.#onError = onError;
    this.ready = path === null ? Promise.resolve() : this.#load(path);
  }

  get found(): ReadonlyMap<Hex, Found> {
    return this.#found;
  }

  set(subject: Hex, found: Found): void {
    this.#drop(subject);
    this.#found.set(subject, found);
    this.#bytes += bytesOf(found);
    for (const oldest of this.#found.keys()) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#drop(oldest);
    }
    if (isKept(found)) this.#write();
  }

  /** Forgets what the fold has forgotten. */
  keepOnly(isKnown: (subject: Hex) => boolean): void {
    for (const subject of this.#found.keys()) if (!isKnown(subject)) this.#drop(subject);
  }

  /** Resolves when all is written. */
  async flushed(): Promise<void> {
    await this.ready;
    await this.#writing;
  }

  #drop(subject: Hex): void {
    const found = this.#found.get(subject);
    if (found === undefined) return;
    this.#found.delete(subject);
    this.#bytes -= bytesOf(found);
  }

  /** What is not well formed is left out: it is found again. */
  async #load(path: string): Promise<void> {
    const value = await readJson(path).catch(() => undefined);
    const { version, found } = (value ?? {}) as { version?: unknown; found?: unknown };
    if (version !== 1 || !Array.isArray(found)) return;
    for (const row of found) {
      const [subject, check, code] = Array.isArray(row) ? row : [];
      const one = { check, code } as Found;
      const isSound = /^[0-9a-f]{64}$/.test(String(subject)) && isKept(one) &&
        (code === null || (typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code)));
      if (isSound && !this.#found.has(subject)) this.set(subject, one);
    }
  }

  #write(): void {
    this.#dirty = true;
    this.#writing ??= this.#writeAll().finally(() => this.#writing = null);
  }

  async #writeAll(): Promise<void> {
    await this.ready;
    while (this.#dirty && this.#path !== null) {
      this.#dirty = false;
      const kept = [...this.#found].filter(([, found]) => isKept(found));
      const found = kept.map(([subject, { check, code }]) => [subject, check, code]);
      await writeJson(this.#path, { version: 1, found }).catch(this.#onError);
    }
  }
}

/** What could not be checked, or made, is tried again after a restart. */
function isKept({ check }: Found): boolean {
  return check === 'checked' || check === 'refused';
}

function bytesOf({ code }: Found): number {
  return ROW_BYTES + (code?.length ?? 0);
}
