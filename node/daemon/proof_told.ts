import type { SamplingEvent } from '../../feeds/sampling/mod.ts';
import type { CheatRow } from '../control/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';

/**
 * What of a cut's conclusions about proofs is worth an event. What was known when a node started is told
 * no more.
 * @param insecure anybody can forge proofs under the network's key
 */
export function tellProof(
  event: SamplingEvent,
  me: Hex,
  live: boolean,
  insecure: boolean,
): { event: string; fields: Record<string, unknown> }[] {
  if (!live || event.type === 'finding') return [];
  const proof = event.type === 'refuted' ? event.refuted.proof : event.proof;
  const { id, job, attempt, executor, requester } = proof.subject;
  const about = { subject: id, job, attempt, executor, mine: requester === me };
  switch (event.type) {
    case 'asked':
      return [{ event: 'proof-asked', fields: { ...about, due: proof.due } }];
    case 'made':
      return [{ event: 'proof-logged', fields: { ...about, asked: proof.asked, insecure } }];
    case 'missing':
      return [{ event: 'proof-missing', fields: about }];
    case 'refuted': {
      const { finder, place: { cut: epoch } } = event.refuted;
      const detail = 'it logged a proof of its sampling that does not hold';
      const cheat: CheatRow = {
        executor,
        cause: 'proof',
        epoch,
        log: null,
        subjects: [id],
        detail,
      };
      return [
        { event: 'proof-refuted', fields: { ...about, finder } },
        { event: 'cheat-proven', fields: { ...cheat } },
      ];
    }
  }
}
