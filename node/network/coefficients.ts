import type { Coefficients } from '../../feeds/ledger/mod.ts';

/**
 * What a floating-point operation takes on the reference machine, a laptop's processor of 30 W,
 * picojoules. Prompts keep its units busy: 60 GFLOP/s. Output comes a token at a time, and each reads
 * all weights from memory: 15 GFLOP/s.
 */
const PICOJOULES = { prompt: 500n, output: 2000n };
/** A multiplication and an addition for each weight. */
const FLOPS_PER_PARAMETER = 2n;
const PICOJOULES_PER_MILLIJOULE = 1_000_000_000n;

/**
 * What tokens of a model cost before its energy has been measured: 2 x parameters x the reference
 * machine's energy a FLOP, in millijoules, which are micro-NCU, rounded up.
 * @param parameters number of weights
 */
export function provisional(
  profile: Uint8Array,
  parameters: number,
): Coefficients {
  const cost = (picojoules: bigint) => {
    const energy = FLOPS_PER_PARAMETER * BigInt(parameters) * picojoules;
    return Number((energy + PICOJOULES_PER_MILLIJOULE - 1n) / PICOJOULES_PER_MILLIJOULE);
  };
  return { profile, prompt: cost(PICOJOULES.prompt), output: cost(PICOJOULES.output) };
}
