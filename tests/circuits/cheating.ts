import { type CircuitInput, FIELD } from '../../circuits/mod.ts';
import { compiled } from './compiled.ts';
import { looseSignals } from './perturb.ts';
import { type Circuit, violated } from './r1cs.ts';
import { type Calculator, calculatorOf } from './witness.ts';

const LOOSE_BITS = `
template Num2Bits(n) {
    signal input in;
    signal output out[n];
    for (var i = 0; i < n; i++) out[i] <-- (in >> i) & 1;
}`;

/** A circuit with circomlib's bits, but without a constraint on them. */
export function looseBits(text: string): string {
  return text.replace('include "bitify.circom";', '')
    .replace('component main', `${LOOSE_BITS}\n\ncomponent main`);
}

/** A number of the field. */
export function modulo(value: bigint): bigint {
  return ((value % FIELD) + FIELD) % FIELD;
}

/** A circuit, and a program for whoever cheats: the same signals with nothing that could stop it. */
export class Cheating {
  readonly #names: ReadonlyMap<number, string>;

  private constructor(
    readonly circuit: Circuit,
    readonly honest: Calculator,
    readonly loose: Circuit,
    readonly program: Calculator,
  ) {
    this.#names = new Map([...circuit.places].map(([name, place]) => [place, name]));
  }

  static async of(
    source: string,
    size: (text: string) => string,
    loosen: (text: string) => string,
    level: 'O1' | 'O2',
  ): Promise<Cheating> {
    const [circuit, loose] = await Promise.all([
      compiled(source, size, level),
      compiled(source, (text) => loosen(size(text)), 'O0'),
    ]);
    const [honest, program] = await Promise.all([
      calculatorOf(circuit.wasm),
      calculatorOf(loose.wasm),
    ]);
    return new Cheating(circuit, honest, loose, program);
  }

  /**
   * The witness that comes out of the loosened program.
   * @param change sets signals by their names, such as `amounts[0]`, from those that came out
   */
  async witness(
    input: CircuitInput,
    change: (signals: {
      get(name: string): bigint;
      set(name: string, value: bigint): void;
    }) => void = () => {},
  ): Promise<bigint[]> {
    const all = await this.program(input);
    const witness = new Array<bigint>(this.circuit.r1cs.signals).fill(1n);
    const get = (name: string): bigint => {
      const place = this.loose.places.get(name);
      if (place === undefined) throw new Error(`the loose circuit has no signal ${name}`);
      return all[place]!;
    };
    for (const [name, place] of this.circuit.places) witness[place] = get(name);
    change({
      get: (name) => get(`main.${name}`),
      set: (name, value) => {
        const place = this.circuit.places.get(`main.${name}`);
        // The compiler works some signals into others: those follow.
        if (place !== undefined) witness[place] = modulo(value);
        else if (!this.loose.places.has(`main.${name}`)) throw new Error(`no signal ${name}`);
      },
    });
    return witness;
  }

  /** Names of the signals of each constraint that a witness violates. */
  blamed(witness: readonly bigint[]): string[] {
    const { r1cs } = this.circuit;
    return violated(r1cs, witness).map((i) => {
      const signals = new Set(r1cs.constraints[i]!.flatMap((side) => side.map(([at]) => at)));
      return [...signals].map((at) => this.#names.get(at) ?? 'one').join(' ');
    });
  }

  /** Names of the signals that can be exchanged alone without any constraint noticing. */
  unbound(witness: readonly bigint[], seed: number): string[] {
    const random = randomElements(seed);
    const ways: ((signal: number) => bigint)[] = [
      () => random(),
      (at) => modulo(witness[at]! + 1n),
      (at) => modulo(-witness[at]!),
      (at) => witness[at] === 0n ? 1n : 0n,
    ];
    const found = ways.flatMap((way) => looseSignals(this.circuit.r1cs, witness, way));
    return [...new Set(found)].map((at) => this.#names.get(at) ?? `signal ${at}`);
  }
}

/** Elements of the field, the same in every run. */
export function randomElements(seed: number): () => bigint {
  let state = BigInt(seed) + 0x9e3779b97f4a7c15n;
  const next = (): bigint => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
    return state >> 32n;
  };
  return () => {
    let value = 0n;
    for (let i = 0; i < 8; i++) value = value << 32n | next();
    return value % FIELD;
  };
}
