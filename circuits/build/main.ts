/**
 * Makes the keys in `circuits/keys/` from the sources in `circuits/src/`, some minutes:
 *
 * `npm run circuits:build [-- --only sample --ptau file]`
 *
 * What comes out is for development: one contribution, whose secret everybody can work out.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asNexusError } from '../../feeds/base/mod.ts';
import type { Manifest } from '../files.ts';
import { type Statement, STATEMENTS } from '../types.ts';
import {
  buildStatement,
  DEV_CONTRIBUTION,
  DEV_PTAU,
  hashOf,
  readBytes,
  toolVersions,
} from './build.ts';

const KEYS = new URL('../keys/', import.meta.url);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, ptau: { type: 'string' } } });
  const only = STATEMENTS.filter((one) => values.only === undefined || one === values.only);
  if (only.length === 0) {
    throw new Error(`there is no statement ${values.only}; there are ${STATEMENTS.join(', ')}`);
  }
  const ptau = await readBytes(values.ptau ?? fileURLToPath(DEV_PTAU));
  const manifest: Manifest = {
    insecure: true,
    contribution: DEV_CONTRIBUTION,
    ptau: hashOf(ptau),
    tools: toolVersions(),
    statements: await otherEntries(only, hashOf(ptau)),
  };
  await mkdir(KEYS, { recursive: true });
  for (const statement of only) {
    const began = performance.now();
    const { wasm, zkey, vkey, entry } = await buildStatement(statement, ptau, DEV_CONTRIBUTION);
    await writeFile(new URL(`${statement}.wasm`, KEYS), wasm);
    await writeFile(new URL(`${statement}.zkey`, KEYS), zkey);
    await writeFile(new URL(`${statement}.vkey.json`, KEYS), vkey);
    manifest.statements[statement] = entry;
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(
      `${statement}: ${entry.constraints} constraints, ${entry.publics} public inputs, ` +
        `key ${(zkey.length / 1e6).toFixed(1)} MB, ${seconds} s; insecure, for development only`,
    );
  }
  const ordered = STATEMENTS.filter((one) => manifest.statements[one] !== undefined);
  manifest.statements = Object.fromEntries(ordered.map((one) => [one, manifest.statements[one]]));
  await writeFile(new URL('manifest.json', KEYS), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Entries of statements that are not built this time: those from the same powers of tau. */
async function otherEntries(
  built: readonly Statement[],
  ptau: string,
): Promise<Manifest['statements']> {
  const text = await readFile(new URL('manifest.json', KEYS), 'utf8').catch(() => null);
  if (text === null) return {};
  const before = JSON.parse(text) as Manifest;
  if (before.ptau !== ptau) return {};
  return Object.fromEntries(
    Object.entries(before.statements).filter(([name]) => !built.includes(name as Statement)),
  );
}

main().catch((thrown) => {
  const { code, message, hint } = asNexusError(thrown);
  console.error(`${code}: ${message}${hint === undefined ? '' : `\n${hint}`}`);
  // deno-lint-ignore no-process-global
  process.exitCode = 1;
});
