import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sectionAt } from '../circuits/binary.ts';
import { compile } from '../circuits/build/compile.ts';
import { makeKey, sizeOf } from '../circuits/build/setup.ts';
import { loadSnarkjs, type MemoryFile } from '../circuits/library.ts';
import type { Figure } from './lib.ts';
import { sampleInputs } from './circuits_inputs.ts';

/** Constraints and public inputs of a position of `sample`. */
const EACH = 1507;

/** `sample` with as many positions as a larger powers-of-tau file bears, built for this alone. */
export async function larger(file: string): Promise<Figure[]> {
  const ptau = new Uint8Array(await readFile(file));
  const places = Math.floor((2 ** powerOf(ptau) - 3) / EACH);
  const folder = await mkdtemp(join(tmpdir(), 'nexus-bench-'));
  try {
    const source = new URL('../circuits/src/sample.circom', import.meta.url);
    const text = await readFile(source, 'utf8');
    await writeFile(join(folder, 'larger.circom'), text.replace('Sample(5)', `Sample(${places})`));
    const { r1cs, wasm } = await compile('out/larger.circom', folder);
    const { constraints } = await sizeOf(r1cs);
    const zkey = await makeKey(r1cs, ptau, 'benchmark');
    const input = await sampleInputs(places), witness: MemoryFile = { type: 'mem' };
    // After the inputs: their Poseidon brings a copy of the curve that would be used instead.
    const { snarkjs } = await loadSnarkjs();
    const began = performance.now();
    await snarkjs.wtns.calculate(input, wasm, witness);
    await snarkjs.groth16.prove(zkey, witness.data!);
    const seconds = (performance.now() - began) / 1000;
    return [{
      name: `circuits: sample with ${places} positions, larger parameters`,
      measured: `${constraints} constraints, key ${(zkey.length / 1e6).toFixed(1)} MB, ` +
        `${seconds.toFixed(1)} s a proof`,
      goal: 'told',
      met: true,
    }];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The power of two that a powers-of-tau file goes up to: in its header after the field's order. */
function powerOf(bytes: Uint8Array): number {
  const header = sectionAt(bytes, 1);
  if (header === null) throw new Error('no powers of tau');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(header + 4 + view.getUint32(header, true), true);
}
