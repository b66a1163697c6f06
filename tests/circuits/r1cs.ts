import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../circuits/build/compile.ts';
import { FIELD } from '../../circuits/mod.ts';

/** A sum of signals with factors. */
type Linear = readonly (readonly [signal: number, factor: bigint])[];

/** A compiled circuit: (A w)(B w) = C w for each constraint. */
export interface R1cs {
  constraints: readonly (readonly [Linear, Linear, Linear])[];
  /** Public signals, after the constant. */
  publics: number;
  signals: number;
}

/** Reads the compiler's binary format (iden3's r1cs, version 1). */
export function parseR1cs(bytes: Uint8Array): R1cs {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sections = new Map<number, number>();
  for (let at = 12; at < bytes.length; at += 12 + Number(view.getBigUint64(at + 4, true))) {
    sections.set(view.getUint32(at, true), at + 12);
  }
  const header = sections.get(1)! + 36;
  const count = view.getUint32(header + 24, true);
  let at = sections.get(2)!;
  const linear = (): Linear => {
    const terms = view.getUint32(at, true);
    at += 4;
    return Array.from({ length: terms }, () => {
      const signal = view.getUint32(at, true);
      let factor = 0n;
      for (let word = 3; word >= 0; word--) {
        factor = factor << 64n | view.getBigUint64(at + 4 + 8 * word, true);
      }
      at += 36;
      return [signal, factor] as const;
    });
  };
  return {
    constraints: Array.from({ length: count }, () => [linear(), linear(), linear()] as const),
    publics: view.getUint32(header + 4, true) + view.getUint32(header + 8, true),
    signals: view.getUint32(header, true),
  };
}

/** Numbers of the constraints that a witness violates. */
export function violated({ constraints }: R1cs, witness: readonly bigint[]): number[] {
  const of = (sum: Linear): bigint =>
    sum.reduce((value, [signal, factor]) => value + witness[signal]! * factor, 0n);
  return constraints.flatMap(([a, b, c], i) => (of(a) * of(b) - of(c)) % FIELD === 0n ? [] : [i]);
}

/** A circuit under test: as it is, or changed. */
export interface Circuit {
  r1cs: R1cs;
  wasm: Uint8Array;
  /** Place in the witness of each signal, by its name; what was optimised away is not there. */
  places: ReadonlyMap<string, number>;
}

/** Compiles a changed copy of a circuit's source. */
export async function compileChanged(
  source: string,
  change: (text: string) => string,
): Promise<Circuit> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-circuit-'));
  try {
    const text = await readFile(new URL(`../../${source}`, import.meta.url), 'utf8');
    const path = join(folder, 'changed.circom');
    await writeFile(path, change(text));
    const { r1cs, wasm } = await compile('out/changed.circom', folder);
    const symbols = await readFile(join(folder, 'changed.sym'), 'utf8');
    const places = symbols.trim().split('\n').map((line) => {
      const [, place, , name] = line.split(',');
      return [name!, Number(place)] as const;
    });
    return {
      r1cs: parseR1cs(r1cs),
      wasm,
      places: new Map(places.filter(([, place]) => place >= 0)),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
