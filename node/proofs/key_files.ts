import { join } from 'node:path';
import { NexusError } from '../../feeds/base/mod.ts';
import {
  type ForeignKey,
  foreignKey,
  KEY_FILE_BYTES,
  type Statement,
  STATEMENTS,
} from '../../circuits/mod.ts';
import { listFolder, makeFolder, readBytes, writeFileAtomic } from '../home/mod.ts';

/** A key that lies in a folder, looked at. */
export interface FoundKey {
  statement: Statement;
  /** Of the verification key, hexadecimal. */
  hash: string;
  /** Whether its proving key is there too. */
  proves: boolean;
  /** Anybody can forge proofs under it: nobody contributed a secret to its proving key. */
  insecure: boolean;
  files: ForeignKey['files'];
}

/**
 * Reads the keys in a folder that somebody handed on: `standing.zkey`, or `standing.vkey.json` alone,
 * and so on for each statement (`epoch_total` is `epoch-total`).
 * @throws {NexusError} `KEYS_NONE`, `KEY_CORRUPT`, `KEY_CIRCUIT`, `FILE_TOO_LARGE`, `FILE_IRREGULAR`
 */
export async function keysIn(folder: string): Promise<FoundKey[]> {
  const names = new Set(await listFolder(folder));
  const found: FoundKey[] = [];
  for (const statement of STATEMENTS) {
    const read = async (end: string, most: number): Promise<Uint8Array | null> => {
      const name = [statement, statement.replace('-', '_')].find((one) => names.has(one + end));
      return name === undefined ? null : await readBytes(join(folder, name + end), most);
    };
    const zkey = await read('.zkey', KEY_FILE_BYTES.zkey);
    const vkey = zkey === null ? await read('.vkey.json', KEY_FILE_BYTES.vkey) : null;
    if (zkey === null && vkey === null) continue;
    const key = await foreignKey(statement, zkey === null ? { vkey: vkey! } : { zkey });
    found.push({ statement, proves: zkey !== null, ...key });
  }
  if (found.length > 0) return found;
  throw new NexusError('KEYS_NONE', `${folder} holds no key of a circuit`, {
    hint: `name the folder with ${
      STATEMENTS.map((one) => `${one}.zkey`).join(', ')
    } or one of them`,
  });
}

/** Puts a key among those of a home, in the place of the same one without its proving key. */
export async function keepKey(to: string, { hash, files }: FoundKey): Promise<void> {
  const folder = join(to, hash);
  await makeFolder(folder);
  for (const [name, bytes] of Object.entries(files)) {
    await writeFileAtomic(join(folder, name), bytes);
  }
}
