import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cleanText, NexusError } from '../../feeds/base/mod.ts';
import type { Statement } from '../types.ts';

/** What the circuit compiler makes of a source. */
export interface Compiled {
  r1cs: Uint8Array;
  wasm: Uint8Array;
}

interface Compiler {
  CircomRunner: new (options: {
    args: string[];
    env: Record<string, string>;
    preopens: Record<string, string>;
    bindings: object;
  }) => { execute(wasm: Uint8Array): Promise<unknown> };
  bindings: object;
}

// deno-lint-ignore no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Path of a statement's source from the root of the repository. */
export function sourceOf(statement: Statement): string {
  return `circuits/src/${statement.replace('-', '_')}.circom`;
}

/**
 * Compiles one circuit with circom2 (WebAssembly, offline).
 * @param folder an empty one, for what it writes
 * @throws {NexusError} `CIRCUIT_BAD`
 */
export async function compile(source: string, folder: string): Promise<Compiled> {
  const require = createRequire(import.meta.url);
  const { CircomRunner, bindings } = require('circom2') as Compiler;
  const libraries = 'node_modules/circomlib/circuits';
  const said: string[] = [];
  const heard = (fd: number, ...rest: [Uint8Array, number, number, number?]): number => {
    if (fd > 2) return fs.writeSync(fd, ...rest);
    const [bytes, offset, length] = rest;
    said.push(new TextDecoder().decode(bytes.slice(offset, offset + length)));
    return length;
  };
  const runner = new CircomRunner({
    args: [source, '--r1cs', '--wasm', '--sym', '--O2', '-l', libraries, '-o', 'out'],
    env: {},
    preopens: { '.': ROOT, out: folder },
    bindings: { ...bindings, fs: { ...fs, writeSync: heard } },
  });
  const name = source.slice(source.lastIndexOf('/') + 1).replace('.circom', '');
  try {
    await runner.execute(fs.readFileSync(require.resolve('circom2/circom.wasm')));
    return {
      r1cs: new Uint8Array(fs.readFileSync(`${folder}/${name}.r1cs`)),
      wasm: new Uint8Array(fs.readFileSync(`${folder}/${name}_js/${name}.wasm`)),
    };
  } catch (cause) {
    throw new NexusError('CIRCUIT_BAD', `${source} cannot be compiled`, {
      hint: `the compiler says: ${cleanText(said.join('').replace(COLOURS, ''), 2000)}`,
      cause,
    });
  }
}
