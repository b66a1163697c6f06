/**
 * Makes everything in `circuits/keys/` once more and compares, some minutes:
 *
 * `npm run circuits:verify-keys [-- --only sample --ptau file]`
 *
 * The circuits are compiled, their proving keys derived from powers of tau and the stated contribution
 * and compared byte by byte; snarkjs checks for itself that each belongs to its circuit.
 */
import { corruptKey } from '../errors.ts';
import { entryOf, type ManifestEntry } from '../files.ts';
import type { Statement } from '../types.ts';
import { compileStatement, describe, hashOf, KEYS, readBytes } from './build.ts';
import { command, readOptions } from './options.ts';
import { isKeyOf, makeKey } from './setup.ts';

async function main(): Promise<void> {
  const { statements, ptau } = await readOptions();
  for (const statement of statements) {
    const entry = await entryOf(statement);
    await check(statement, entry, ptau);
    const how = entry.contribution === null
      ? 'made by several parties, belongs to its circuit'
      : 'made again byte by byte; insecure, for development only';
    console.log(`${statement}: ${entry.key} ${how}`);
  }
}

async function check(
  statement: Statement,
  entry: ManifestEntry,
  ptau: Uint8Array,
): Promise<void> {
  const { contribution } = entry;
  const compiled = await compileStatement(statement);
  const zkey = await readBytes(new URL(`${statement}.zkey`, KEYS));
  const { vkey, entry: again } = await describe(statement, compiled, zkey, { ptau, contribution });
  for (const name of Object.keys(again) as (keyof ManifestEntry)[]) {
    if (again[name] !== entry[name]) {
      throw corruptKey(`${statement}: ${name} differs from manifest`);
    }
  }
  const files: [string, string][] = [
    [`${statement}.wasm`, hashOf(compiled.wasm)],
    [`${statement}.vkey.json`, hashOf(new TextEncoder().encode(vkey))],
  ];
  for (const [name, hash] of files) {
    if (hashOf(await readBytes(new URL(name, KEYS))) !== hash) throw corruptKey(`${name} differs`);
  }
  if (!await isKeyOf(zkey, compiled.r1cs, ptau)) {
    throw corruptKey(`${statement}.zkey is not of its circuit and these powers of tau`);
  }
  if (contribution === null) return;
  if (hashOf(await makeKey(compiled.r1cs, ptau, contribution)) !== entry.zkey) {
    throw corruptKey(`${statement}.zkey does not follow from the stated contribution`);
  }
}

command(main);
