/**
 * Makes the keys in `circuits/keys/` from the sources in `circuits/src/`, some minutes:
 *
 * `npm run circuits:build [-- --only sample --ptau file --zkey file]`
 *
 * Without `--zkey` what comes out is for development: one contribution, whose secret everybody can work
 * out. With it, the proving key that several parties made from the same powers of tau is taken; one to
 * which none of them contributed a secret is refused.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { corruptKey } from '../errors.ts';
import type { Manifest } from '../files.ts';
import {
  compileStatement,
  contributionOf,
  describe,
  DEV_CONTRIBUTION,
  KEYS,
  manifestOf,
} from './build.ts';
import { command, readOptions } from './options.ts';
import { isKeyOf, makeKey } from './setup.ts';

async function main(): Promise<void> {
  const { statements, ptau, zkey: given } = await readOptions();
  await mkdir(KEYS, { recursive: true });
  for (const statement of statements) {
    const contribution = contributionOf(statement, given);
    const compiled = await compileStatement(statement);
    if (given !== null && !await isKeyOf(given, compiled.r1cs, ptau)) {
      throw corruptKey(`it is not of the circuit ${statement} and these powers of tau`);
    }
    const zkey = given ?? await makeKey(compiled.r1cs, ptau, DEV_CONTRIBUTION);
    const { vkey, entry } = await describe(statement, compiled, zkey, { ptau, contribution });
    await writeFile(new URL(`${statement}.wasm`, KEYS), compiled.wasm);
    await writeFile(new URL(`${statement}.zkey`, KEYS), zkey);
    await writeFile(new URL(`${statement}.vkey.json`, KEYS), vkey);
    await record((entries) => {
      entries[statement] = entry;
    });
    console.log(
      `${statement}: ${entry.constraints} constraints, ${entry.publics} public inputs, ` +
        `proving key ${(zkey.length / 1e6).toFixed(1)} MB` +
        (contribution === null ? '; made elsewhere' : '; insecure, for development only'),
    );
  }
}

/** Changes the manifest as it is by now: another statement may be built at the same time. */
async function record(change: (entries: Manifest['statements']) => void): Promise<void> {
  const file = new URL('manifest.json', KEYS);
  const text = await readFile(file, 'utf8').catch(() => '{"statements":{}}');
  const { statements } = JSON.parse(text) as Manifest;
  change(statements);
  await writeFile(file, `${JSON.stringify(manifestOf(statements), null, 2)}\n`);
}

command(main);
