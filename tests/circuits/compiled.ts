import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Circuit, parseR1cs } from './r1cs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIBRARIES = 'node_modules/circomlib/circuits';

/**
 * Compiles a changed copy of a circuit, once a machine: it takes seconds.
 * @param level `O0` keeps every signal, `O1` leaves linear constraints as they are written, `O2` is what keys are made from
 */
export async function compiled(
  source: string,
  change: (text: string) => string,
  level: 'O0' | 'O1' | 'O2',
): Promise<Circuit> {
  const text = change(await readFile(join(ROOT, source), 'utf8'));
  const manifest = createRequire(import.meta.url)('circom2/package.json') as { version: string };
  const name = createHash('sha256').update(`${manifest.version} ${level}\n${text}`).digest('hex');
  const kept = join(tmpdir(), 'nexus-circuits', name);
  const read = (file: string) => readFile(join(kept, file));
  const wasm = await read('c_js/c.wasm').catch(() => null);
  if (wasm === null) await compile(text, level, kept);
  const symbols = (await read('c.sym')).toString();
  const places = symbols.trim().split('\n').map((line) => {
    const [, place, , name] = line.split(',');
    return [name!, Number(place)] as const;
  });
  return {
    r1cs: parseR1cs(new Uint8Array(await read('c.r1cs'))),
    wasm: new Uint8Array(wasm ?? await read('c_js/c.wasm')),
    places: new Map(places.filter(([, place]) => place >= 0)),
  };
}

async function compile(text: string, level: string, to: string): Promise<void> {
  await mkdir(join(tmpdir(), 'nexus-circuits'), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'nexus-circuits', 'draft-'));
  try {
    await writeFile(join(folder, 'c.circom'), text);
    const args = ['node_modules/circom2/cli.js', join(folder, 'c.circom'), '--r1cs', '--wasm'];
    args.push('--sym', `--${level}`, '-l', LIBRARIES, '-o', folder);
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said += text);
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(said);
    await rename(folder, to).catch(() => {}); // another process was faster
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
