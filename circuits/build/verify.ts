/**
 * Makes everything in `circuits/keys/` once more and compares, some minutes:
 *
 * `npm run circuits:verify-keys [-- --only sample --ptau file]`
 *
 * The circuits are compiled, their proving keys derived from powers of tau and the stated contribution
 * and compared byte by byte; snarkjs checks for itself that each belongs to its circuit, and that every
 * contribution which it lists is in it. Who made those, nobody can see.
 */
import { corruptKey } from '../errors.ts';
import { contributionsOf } from '../contributions.ts';
import { entryOf, type ManifestEntry, readManifest } from '../files.ts';
import type { Statement } from '../types.ts';
import {
  compileStatement,
  contributionOf,
  describe,
  hashOf,
  KEYS,
  manifestOf,
  readBytes,
} from './build.ts';
import { command, readOptions } from './options.ts';
import { isKeyOf, makeKey } from './setup.ts';

async function main(): Promise<void> {
  const { statements, ptau } = await readOptions();
  const manifest = await readManifest();
  if (JSON.stringify(manifestOf(manifest.statements)) !== JSON.stringify(manifest)) {
    throw corruptKey('manifest.json says of them (insecure, tools) what does not follow from here');
  }
  for (const statement of statements) {
    const entry = await entryOf(statement);
    const zkey = await check(statement, entry, ptau);
    const how = entry.contribution === null
      ? `made elsewhere, belongs to its circuit; contributions: ${madeBy(zkey)}`
      : 'made again byte by byte; insecure, for development only';
    console.log(`${statement}: ${entry.key} ${how}`);
  }
}

async function check(
  statement: Statement,
  entry: ManifestEntry,
  ptau: Uint8Array,
): Promise<Uint8Array> {
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
  if (contribution === null) {
    contributionOf(statement, zkey);
    return zkey;
  }
  if (hashOf(await makeKey(compiled.r1cs, ptau, contribution)) !== entry.zkey) {
    throw corruptKey(`${statement}.zkey does not follow from the stated contribution`);
  }
  return zkey;
}

function madeBy(zkey: Uint8Array): string {
  return contributionsOf(zkey)
    .map(({ name, open }) => `${JSON.stringify(name)}${open ? ' (a beacon)' : ''}`)
    .join(', ');
}

command(main);
