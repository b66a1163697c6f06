// circom_runtime comes with snarkjs, which compiles the WebAssembly anew for each witness.
import { WitnessCalculatorBuilder } from 'circom_runtime';
import type { CircuitInput } from '../../circuits/mod.ts';

/** Works out all signals from the inputs; throws where a constraint does not hold. */
export type Calculator = (input: CircuitInput) => Promise<bigint[]>;

interface Runtime {
  calculateWitness(input: CircuitInput, sanityCheck: boolean): Promise<bigint[]>;
}

/** A calculator that is compiled once. */
export async function calculatorOf(wasm: Uint8Array): Promise<Calculator> {
  const build = WitnessCalculatorBuilder as (
    wasm: Uint8Array,
    options: { logger?: null },
  ) => Promise<Runtime>;
  const runtime = await build(wasm, {});
  return (input) => runtime.calculateWitness(input, true);
}
