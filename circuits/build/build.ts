import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, toHex } from '../../feeds/base/mod.ts';
import { isOpenSecret, openSecret } from '../contributions.ts';
import type { Manifest, ManifestEntry } from '../files.ts';
import { keyHash } from '../keys.ts';
import { verificationKeyOf, verificationKeyText } from '../proving_key.ts';
import { type Statement, STATEMENTS } from '../types.ts';
import { compile, type Compiled, sourceOf } from './compile.ts';
import { sizeOf } from './setup.ts';

const ROOT = new URL('../../', import.meta.url);

/** Where what is built goes. */
export const KEYS = new URL('circuits/keys/', ROOT);
/** The development powers of tau, 2^13, made by one party. */
export const DEV_PTAU = new URL('circuits/ptau/dev-2e13.ptau', ROOT);
/** Everybody can read what a development key's secret follows from: hence the text. */
export const DEV_CONTRIBUTION = 'nexus development key, insecure: everybody knows its secret';

/** Text of the verification key's file, and what the manifest says. */
export interface Described {
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

/** What follows from a statement's source, what it was compiled to and its proving key. */
export async function describe(
  statement: Statement,
  { r1cs, wasm }: Compiled,
  zkey: Uint8Array,
  { ptau, contribution }: { ptau: Uint8Array; contribution: string | null },
): Promise<Described> {
  const key = await verificationKeyOf(zkey);
  const vkey = verificationKeyText(key);
  const entry: ManifestEntry = {
    source: hashOf(await readBytes(new URL(sourceOf(statement), ROOT))),
    r1cs: hashOf(r1cs),
    wasm: hashOf(wasm),
    zkey: hashOf(zkey),
    vkey: hashOf(new TextEncoder().encode(vkey)),
    key: keyHash(key),
    ptau: hashOf(ptau),
    contribution,
    ...await sizeOf(r1cs),
  };
  return { vkey, entry };
}

/**
 * What a statement's key follows from: the text of the development keys; null of one that was given,
 * made elsewhere by parties with secrets of their own.
 * @throws {NexusError} `KEY_INSECURE`: there are none, and it would pass for one that is not insecure
 */
export function contributionOf(statement: Statement, given: Uint8Array | null): string | null {
  if (given === null) return DEV_CONTRIBUTION;
  if (isOpenSecret(given)) throw openSecret(statement);
  return null;
}

/** The manifest of keys: all that it says beside them follows from them, and from the tools here. */
export function manifestOf(entries: Manifest['statements']): Manifest {
  const listed = STATEMENTS.flatMap((one) => {
    const entry = entries[one];
    return entry === undefined ? [] : [[one, entry] as const];
  });
  return {
    insecure: listed.some(([, { contribution }]) => contribution !== null),
    tools: toolVersions(),
    statements: Object.fromEntries(listed),
  };
}

/** Versions of what the keys were made with. */
function toolVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(
    ['circom2', 'circomlib'].map((name) => [name, require(`${name}/package.json`).version]),
  );
}
