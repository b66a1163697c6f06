import { readFile } from 'node:fs/promises';
import { sha256, toHex } from '../feeds/base/mod.ts';
import { corruptKey, unknownKey } from './errors.ts';
import type { Statement } from './types.ts';

/** What was built of one statement; hashes are SHA-256 in hex. */
export interface ManifestEntry {
  /** Of the circuit's source, and of what it was compiled to. */
  source: string;
  r1cs: string;
  wasm: string;
  zkey: string;
  /** Of the verification key's file, and of its canonical JSON. */
  vkey: string;
  key: string;
  /** Of the powers of tau. */
  ptau: string;
  /** Text from whose hash the key's one contribution follows; null for a setup by several parties. */
  contribution: string | null;
  constraints: number;
  publics: number;
}

/** `keys/manifest.json`: what the keys in the repository are and what they were made from. */
export interface Manifest {
  /** True where a key was made by one party, who could have kept what forges proofs. */
  insecure: boolean;
  tools: Record<string, string>;
  statements: Partial<Record<Statement, ManifestEntry>>;
}

const KEYS = new URL('./keys/', import.meta.url);
const read = new Map<string, Promise<Manifest>>();

/**
 * @param folder another one than the program's own
 * @throws {NexusError} `KEY_CORRUPT`
 */
export function readManifest(folder = KEYS): Promise<Manifest> {
  const known = read.get(folder.href);
  if (known !== undefined) return known;
  const reading = readFile(new URL('manifest.json', folder), 'utf8')
    .then((text) => JSON.parse(text) as Manifest)
    .catch((cause) => {
      read.delete(folder.href);
      throw corruptKey('manifest.json', cause);
    });
  read.set(folder.href, reading);
  return reading;
}

/** @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT` */
export async function entryOf(statement: Statement, folder = KEYS): Promise<ManifestEntry> {
  const { statements } = await readManifest(folder);
  const entry = Object.hasOwn(statements, statement) ? statements[statement] : undefined;
  if (entry === undefined) throw unknownKey(statement);
  return entry;
}

/**
 * A file of a statement, as the manifest has it.
 * @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function readKeyFile(
  statement: Statement,
  kind: 'wasm' | 'zkey' | 'vkey',
  folder = KEYS,
): Promise<Uint8Array> {
  const entry = await entryOf(statement, folder);
  const name = `${statement}.${kind === 'vkey' ? 'vkey.json' : kind}`;
  const bytes = await readFile(new URL(name, folder)).catch((cause) => {
    throw corruptKey(`${name} cannot be read`, cause);
  });
  if (toHex(sha256(bytes)) !== entry[kind]) throw corruptKey(`${name} is not what was built`);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
