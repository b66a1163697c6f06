import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NexusError } from '../feeds/base/mod.ts';
import { missingKey } from './errors.ts';
import { entryOf, type ManifestEntry, readKeyFile, readManifest } from './files.ts';
import { type CircuitKey, type Statement, STATEMENTS, type StoredKey } from './types.ts';

const HASH = /^[0-9a-f]{64}$/;

/**
 * The keys that proofs can be made and checked with: those of the program and those that networks made
 * for themselves, each in a folder that is named after the hash of its verification key.
 */
export class KeyRing {
  /** Folder of the keys that were taken in; null: the program's alone. */
  readonly folder: string | null;

  constructor(folder: string | null = null) {
    this.folder = folder;
  }

  /**
   * Those of the program, in the order of the statements.
   * @throws {NexusError} `KEY_CORRUPT`
   */
  async own(): Promise<StoredKey[]> {
    const { statements } = await readManifest();
    return STATEMENTS.flatMap((statement) => {
      const entry = statements[statement];
      return entry === undefined ? [] : [ownKey(statement, entry)];
    });
  }

  /**
   * The key of that hash; null where it is not here.
   * @param hash hexadecimal; left out: the program's
   * @throws {NexusError} `KEY_CORRUPT`
   */
  async find(statement: Statement, hash?: string): Promise<StoredKey | null> {
    const own = (await this.own()).find((one) => one.statement === statement);
    if (hash === undefined || own?.hash === hash) return own ?? null;
    if (this.folder === null || !HASH.test(hash)) return null;
    const folder = pathToFileURL(join(this.folder, hash, '/'));
    let entry: ManifestEntry;
    try {
      entry = await entryOf(statement, folder);
    } catch (thrown) {
      // Nothing was taken in, or it is another statement's.
      if (thrown instanceof NexusError && isAbsent(thrown)) return null;
      throw thrown;
    }
    return entry.key === hash ? storedKey(statement, entry, folder) : null;
  }

  /** @throws {NexusError} `KEY_UNKNOWN`: it is not here; `KEY_CORRUPT` */
  async demand(statement: Statement, hash?: string): Promise<StoredKey> {
    const found = await this.find(statement, hash);
    if (found === null) throw missingKey(statement, hash ?? null);
    return found;
  }
}

function isAbsent({ code, cause }: NexusError): boolean {
  return code === 'KEY_UNKNOWN' || (cause as { code?: unknown } | undefined)?.code === 'ENOENT';
}

function ownKey(statement: Statement, entry: ManifestEntry): StoredKey {
  return {
    ...about(statement, entry),
    insecure: entry.contribution !== null,
    place: 'program',
    proves: true,
    read: (kind) => readKeyFile(statement, kind),
  };
}

function storedKey(statement: Statement, entry: ManifestEntry, folder: URL): StoredKey {
  const proves = entry.zkey !== '';
  return {
    ...about(statement, entry),
    // That nobody contributed to it was seen; that somebody did is for the network's file to say.
    insecure: entry.contribution !== null,
    place: 'home',
    proves,
    read: (kind) => {
      // The circuit is the program's own, or its key would not have been taken in.
      if (kind === 'wasm') return readKeyFile(statement, 'wasm');
      if (kind === 'zkey' && !proves) return Promise.reject(missingKey(statement, entry.key, true));
      return readKeyFile(statement, kind, folder);
    },
  };
}

function about(
  statement: Statement,
  { key: hash, constraints, publics }: ManifestEntry,
): Pick<CircuitKey, 'statement' | 'hash' | 'constraints' | 'publics'> {
  return { statement, hash, constraints, publics };
}

/**
 * Whether anybody could forge proofs under a key, or nobody says that one cannot.
 * @param vouched the network's file says that several parties made it
 */
export function isInsecure({ insecure, place }: CircuitKey, vouched: boolean): boolean {
  return insecure || place === 'home' && !vouched;
}
