import { readFile, stat } from 'node:fs/promises';
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
  /**
   * Text from whose hash the key's one contribution follows, or why anybody can work its secret out;
   * null: made elsewhere.
   */
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

/** The keys that come with the program. */
export const PROGRAM_KEYS = new URL('./keys/', import.meta.url);

/** What a file of a statement may weigh, bytes: what is larger is no key that a circuit of ours has. */
export const KEY_FILE_BYTES = { wasm: 16e6, zkey: 64e6, vkey: 1e6, manifest: 64e3 } as const;

let own: Promise<Manifest> | null = null;

/**
 * @param folder another one than the program's own
 * @throws {NexusError} `KEY_CORRUPT`
 */
export function readManifest(folder = PROGRAM_KEYS): Promise<Manifest> {
  // Keys are taken in while programs run: only what comes with the program stays as it is.
  if (folder !== PROGRAM_KEYS) return manifestIn(folder);
  own ??= manifestIn(folder);
  own.catch(() => own = null);
  return own;
}

async function manifestIn(folder: URL): Promise<Manifest> {
  try {
    const bytes = await readBounded(new URL('manifest.json', folder), KEY_FILE_BYTES.manifest);
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
    if (typeof manifest.statements === 'object' && manifest.statements !== null) return manifest;
  } catch (cause) {
    throw corruptKey('manifest.json', cause);
  }
  throw corruptKey('manifest.json lists no statements');
}

/** @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT` */
export async function entryOf(statement: Statement, folder = PROGRAM_KEYS): Promise<ManifestEntry> {
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
  folder = PROGRAM_KEYS,
): Promise<Uint8Array> {
  const entry = await entryOf(statement, folder);
  const name = `${statement}.${kind === 'vkey' ? 'vkey.json' : kind}`;
  const bytes = await readBounded(new URL(name, folder), KEY_FILE_BYTES[kind]).catch((cause) => {
    throw corruptKey(`${name} cannot be read`, cause);
  });
  if (toHex(sha256(bytes)) !== entry[kind]) throw corruptKey(`${name} is not what was built`);
  return bytes;
}

async function readBounded(file: URL, most: number): Promise<Uint8Array> {
  const found = await stat(file);
  if (!found.isFile() || found.size > most) throw new Error(`no ordinary file of ${most} bytes`);
  return new Uint8Array(await readFile(file));
}
