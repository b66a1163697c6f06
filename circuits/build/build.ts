import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, toHex } from '../../feeds/base/mod.ts';
import type { ManifestEntry } from '../files.ts';
import { keyHash } from '../keys.ts';
import type { Statement } from '../types.ts';
import { compile, type Compiled, sourceOf } from './compile.ts';
import { makeKey, sizeOf, verificationKeyOf } from './setup.ts';

const ROOT = new URL('../../', import.meta.url);

/** The development powers of tau, 2^13, made by one party. */
export const DEV_PTAU = new URL('circuits/ptau/dev-2e13.ptau', ROOT);
/** Everybody can read what a development key's secret follows from: hence the name. */
export const DEV_CONTRIBUTION = 'nexus development key, insecure: everybody knows its secret';

/** All that is built of one statement. */
export interface Built extends Compiled {
  zkey: Uint8Array;
  /** Text of the verification key's file. */
  vkey: string;
  entry: ManifestEntry;
}

export const hashOf = (bytes: Uint8Array): string => toHex(sha256(bytes));

/** Bytes of a file without the pool that Node may keep them in. */
export async function readBytes(file: string | URL): Promise<Uint8Array> {
  return new Uint8Array(await readFile(file));
}

/** Compiles a statement's circuit in a folder of its own. */
export async function compileStatement(statement: Statement): Promise<Compiled> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-circuits-'));
  try {
    return await compile(sourceOf(statement), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Source to keys: the same bytes wherever it runs. */
export async function buildStatement(
  statement: Statement,
  ptau: Uint8Array,
  contribution: string,
): Promise<Built> {
  const source = await readBytes(new URL(sourceOf(statement), ROOT));
  const compiled = await compileStatement(statement);
  const zkey = await makeKey(compiled.r1cs, ptau, contribution);
  return await entryOf(source, compiled, zkey);
}

/** What the manifest says of these files. */
export async function entryOf(
  source: Uint8Array,
  { r1cs, wasm }: Compiled,
  zkey: Uint8Array,
): Promise<Built> {
  const key = await verificationKeyOf(zkey);
  const vkey = `${JSON.stringify(key, null, 2)}\n`;
  const entry: ManifestEntry = {
    source: hashOf(source),
    r1cs: hashOf(r1cs),
    wasm: hashOf(wasm),
    zkey: hashOf(zkey),
    vkey: hashOf(new TextEncoder().encode(vkey)),
    key: keyHash(key),
    ...await sizeOf(r1cs),
  };
  return { r1cs, wasm, zkey, vkey, entry };
}

/** Versions of what the keys were made with. */
export function toolVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(
    ['circom2', 'circomlib'].map((name) => [name, require(`${name}/package.json`).version]),
  );
}
