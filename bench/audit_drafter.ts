import { createSampler, quantiseLogits } from '../node/sampler/mod.ts';
import { rescore, type Runner, transcribe, type Transcript } from '../node/audit/mod.ts';
import type { GenerateRequest } from '../node/engine/mod.ts';

/** Tokens that the drafter writes before the target looks at them. */
const DRAFT = 8;
/** A drafted token that is among so many of the target's likeliest is kept. */
const KEPT = 3;

/**
 * An answer in which a small model's token stands wherever it is among the target's top 3, as lossy
 * speculative decoding has it; elsewhere the target draws.
 */
export async function withDrafter(
  request: GenerateRequest,
  drafter: Runner,
  own: Runner,
  topK: number,
  endOfTurn: number,
): Promise<number[]> {
  const sampler = createSampler(request.seed);
  const { maxTokens, tq, pq } = request.sampling;
  const output: number[] = [];
  while (output.length < maxTokens && output.at(-1) !== endOfTurn) {
    const most = Math.min(DRAFT, maxTokens - output.length);
    const draft = await transcribe(drafter.engine, {
      ...request,
      profileId: drafter.profileId,
      prefix: [...output],
      sampling: { ...request.sampling, maxTokens: output.length + most },
    });
    if (draft.output.length === 0) break;
    const begun: Transcript = {
      request: { ...request, prefix: [...output] },
      output: draft.output,
      bytes: new Uint8Array(),
    };
    const scored = await rescore(own.engine, begun, own.profileId, topK);
    const ended = draft.output.length < most;
    const other = scored.findIndex(({ id, ids }) => !ids.slice(0, KEPT).includes(id));
    if (other < 0) {
      output.push(...draft.output);
      if (ended) break;
      continue;
    }
    const { ids, logits, position } = scored[other]!;
    output.push(...draft.output.slice(0, other));
    output.push(sampler.draw({ ids, z: quantiseLogits(logits), position, tq, pq }));
  }
  return output;
}
