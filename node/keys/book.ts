import type { ApiKey, KeyBook } from '../gateway/mod.ts';
import { keyOfSecret } from './secret.ts';
import { fileStamp, readKeys } from './store.ts';

/** Keys that come from a source, read again when its stamp changes. */
export class KeyList implements KeyBook {
  readonly #stamp: () => Promise<string | null>;
  readonly #read: () => Promise<ApiKey[]>;
  #known: { stamp: string | null; keys: Promise<ApiKey[]> } | null = null;

  constructor(stamp: () => Promise<string | null>, read: () => Promise<ApiKey[]>) {
    this.#stamp = stamp;
    this.#read = read;
  }

  async size(): Promise<number> {
    return (await this.#keys()).length;
  }

  async find(secret: string): Promise<ApiKey | null> {
    return keyOfSecret(await this.#keys(), secret);
  }

  async ids(): Promise<ReadonlySet<string>> {
    return new Set((await this.#keys()).map(({ id }) => id));
  }

  /** A source that fails gives no keys: whoever asks is refused, and the next one reads again. */
  async #keys(): Promise<ApiKey[]> {
    const stamp = await this.#stamp();
    if (this.#known?.stamp !== stamp || this.#known === null) {
      const known = { stamp, keys: stamp === null ? Promise.resolve([]) : this.#read() };
      this.#known = known;
      known.keys.catch(() => {
        if (this.#known === known) this.#known = null;
      });
    }
    return await this.#known.keys;
  }
}

/** The keys in a file, as they are at each request. */
export function fileKeyBook(path: string): KeyBook {
  return new KeyList(() => fileStamp(path), () => readKeys(path));
}
