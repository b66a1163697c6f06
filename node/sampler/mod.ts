/**
 * The seeded sampler, version 1 (`nexus/gumbel-int/1`): Gumbel-max over quantised top-K logits, in
 * integers, so that any engine, language and order of candidates draws the same token.
 *
 * ```ts
 * const sampler = createSampler(seed);
 * const token = sampler.draw({ ids, z: quantiseLogits(logits), position: 0, tq: 717, pq: 65536 });
 * ```
 * @module
 */
export {
  createSampler,
  type DrawInput,
  type Sampler,
  samplerFromKey,
  samplerKey,
} from './sampler.ts';
export { quantiseLogits } from './quantise.ts';
export { B1_STEPS, b1Byte, b1Difference } from './b1.ts';
export { halfSipHash } from './halfsiphash.ts';
export { gumbel } from './noise.ts';
export { nucleus } from './nucleus.ts';
