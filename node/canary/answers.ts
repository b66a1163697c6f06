import { toHex } from '../../feeds/base/mod.ts';
import type { Engine } from '../engine/mod.ts';

type Decoder = Pick<Engine, 'generate'>;

/**
 * What this node's executor answers to jobs that it planted itself as frauds: another prompt. Its
 * seed, its candidates and its bytes fit each other, so nothing that it signs contradicts itself, which
 * no plan could excuse; whoever reads the answer once more finds other logits from the first token on.
 */
export class PlantedAnswers {
  /** Token ids of the prompt that is answered instead, by the seed of the job. */
  readonly #instead = new Map<string, readonly number[]>();

  /** The next job with that seed is answered as if this had been its prompt. */
  set(seed: Uint8Array, prompt: readonly number[]): void {
    this.#instead.set(toHex(seed), prompt);
  }

  /** Takes it back. */
  drop(seed: Uint8Array): void {
    this.#instead.delete(toHex(seed));
  }

  /** The engine as the executor uses it; all other jobs pass through. */
  through(engine: Decoder): Decoder {
    return {
      generate: (request, signal) => {
        const seed = toHex(request.seed);
        const prompt = this.#instead.get(seed);
        // A second attempt stands in no plan.
        this.#instead.delete(seed);
        return prompt === undefined || request.prefix.length > 0
          ? engine.generate(request, signal)
          : engine.generate({ ...request, prompt }, signal);
      },
    };
  }
}
