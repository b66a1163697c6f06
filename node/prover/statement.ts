import { contextOf, numberOf, SAMPLE_POSITIONS, type SampleStatement } from '../../circuits/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import { proofContext, proofPositions, type SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Subject } from '../../feeds/trust/mod.ts';
import type { Shown } from '../payloads/mod.ts';
import { gumbel, halfSipHash, samplerKey } from '../sampler/mod.ts';

/** What a proof of sampling is about, as everybody finds it in the cuts. */
export type ProofTarget =
  & Pick<SamplingProof, 'beacon' | 'draw' | 'resumeAt' | 'tq'>
  & { subject: Pick<Subject, 'id' | 'tokens'> };

/** Positions of the whole answer that a proof is about, in its order. */
export function positionsOf(
  { draw, resumeAt, subject: { tokens } }: Pick<ProofTarget, 'draw' | 'resumeAt' | 'subject'>,
): number[] {
  return proofPositions(draw, tokens, SAMPLE_POSITIONS).map((position) => resumeAt + position);
}

/**
 * What a proof has to say of an attempt. Only the leaves and the ids are taken from its executor: that
 * those stand under the artifact's root is for `verifyLeaf` to check.
 * @param seed the sampler's, 32 bytes
 * @param shown one a position of {@link positionsOf}, in that order
 * @param output ids of the attempt
 * @throws {NexusError} `PROOF_SHOWN`: other positions than those drawn
 */
export function statementOf(
  network: Uint8Array,
  target: ProofTarget,
  seed: Uint8Array,
  shown: readonly Shown[],
  output: readonly number[],
): SampleStatement {
  const { subject, beacon, resumeAt, tq } = target;
  const wanted = positionsOf(target);
  if (shown.length !== wanted.length || shown.some(({ position }, i) => position !== wanted[i])) {
    throw new NexusError('PROOF_SHOWN', 'other positions than those that the beacon drew', {
      hint: 'ask the executor again; its proof counts as unchecked until it shows the right ones',
    });
  }
  const [k0, k1] = samplerKey(seed);
  return {
    context: contextOf('sample', ...proofContext(network, subject.id, beacon)),
    positions: shown.map(({ position, ids, leaf }) => ({
      ids,
      noise: ids.map((id) => tq === 0 ? 0 : tq * gumbel(halfSipHash(k0, k1, position, id))),
      token: output[position - resumeAt]!,
      leaf: numberOf(leaf),
    })),
  };
}
