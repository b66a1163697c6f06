// circom_runtime comes with snarkjs, which compiles the WebAssembly anew for each witness.
import { WitnessCalculatorBuilder } from 'circom_runtime';
import type { CircuitInput } from '../../circuits/mod.ts';

/** Works out all signals from the inputs; throws where a constraint does not hold. */
export type Calculator = (input: CircuitInput) => Promise<bigint[]>;

interface Runtime {
  calculateWitness(input: CircuitInput, sanityCheck: boolean): Promise<bigint[]>;
  _doCalculateWitness(input: CircuitInput, sanityCheck: boolean): Promise<void>;
}

/** The circuits bring their own memory: what is asked for here stays unused. */
const OPTIONS = { memorySize: 1 };

function runtimeOf(wasm: Uint8Array): Promise<Runtime> {
  const build = WitnessCalculatorBuilder as (
    wasm: Uint8Array,
    options: typeof OPTIONS,
  ) => Promise<Runtime>;
  return build(wasm, OPTIONS);
}

/** A calculator that is compiled once. */
export async function calculatorOf(wasm: Uint8Array): Promise<Calculator> {
  const runtime = await runtimeOf(wasm);
  return (input) => runtime.calculateWitness(input, true);
}

/** Only throws where a constraint does not hold: reading the signals takes longer than that. */
export async function checkerOf(wasm: Uint8Array): Promise<(input: CircuitInput) => Promise<void>> {
  const runtime = await runtimeOf(wasm);
  return async (input) => {
    // It prints what did not hold, with all that did not before.
    const print = console.error;
    console.error = () => {};
    try {
      await runtime._doCalculateWitness(input, true);
    } finally {
      console.error = print;
    }
  };
}
