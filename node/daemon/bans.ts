import { fromHex, messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import { readJson, writeJson } from '../home/mod.ts';

/** As many as the feeds service takes. */
const MAX_BANS = 10_000;

/** A peer that this node has nothing to do with. */
export interface Ban {
  key: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** The peers that the owner of a node has banned, kept in a file of the home. */
export class BanList {
  readonly #path: string;
  readonly #bans: Map<string, Ban>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, bans: readonly Ban[]) {
    this.#path = path;
    this.#bans = new Map(bans.map((ban) => [ban.key, ban]));
  }

  /**
   * Reads the list; there is none before the first ban.
   * @throws {NexusError} `BANS_INVALID`: without its bans a node is not to start
   */
  static async load(path: string): Promise<BanList> {
    try {
      return new BanList(path, bansOf(await readJson(path)));
    } catch (cause) {
      throw new NexusError('BANS_INVALID', `${path} is no list of bans: ${messageOf(cause)}`, {
        hint: `mend the file, or remove it and ban again: rm ${path}`,
        cause,
      });
    }
  }

  /** In the order in which they were banned. */
  get all(): Ban[] {
    return [...this.#bans.values()];
  }

  get keys(): Uint8Array[] {
    return this.all.map(({ key }) => fromHex(key, 32));
  }

  has(key: Uint8Array): boolean {
    return this.#bans.has(toHex(key));
  }

  /** In force at once; resolves when written. @throws {NexusError} `TOO_MANY_BANS` */
  async add(key: Uint8Array, at: number = Date.now()): Promise<void> {
    const name = toHex(key);
    if (this.#bans.has(name)) return;
    if (this.#bans.size >= MAX_BANS) {
      throw new NexusError('TOO_MANY_BANS', `${MAX_BANS} peers are banned already`, {
        hint: 'unban some: nexus peers unban <key>',
      });
    }
    this.#bans.set(name, { key: name, at });
    await this.#write();
  }

  /** @returns false if it was not banned */
  async remove(key: Uint8Array): Promise<boolean> {
    if (!this.#bans.delete(toHex(key))) return false;
    await this.#write();
    return true;
  }

  #write(): Promise<void> {
    const write = () => writeJson(this.#path, { version: 1, banned: this.all });
    return this.#writing = this.#writing.catch(() => {}).then(write);
  }
}

/** Validates what a file says. */
function bansOf(value: unknown): Ban[] {
  if (value === undefined) return [];
  const { version, banned } = (value ?? {}) as { version?: unknown; banned?: unknown };
  if (version !== 1) throw new Error('version must be 1');
  if (!Array.isArray(banned) || banned.length > MAX_BANS) {
    throw new Error(`banned must be a list of at most ${MAX_BANS}`);
  }
  return banned.map((ban, i) => {
    const { key, at } = (ban ?? {}) as Partial<Ban>;
    if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key)) {
      throw new Error(`banned[${i}].key must be 64 hexadecimal digits`);
    }
    if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0) {
      throw new Error(`banned[${i}].at must be a time in milliseconds`);
    }
    return { key, at };
  });
}
