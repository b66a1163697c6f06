import { NexusError } from '../../feeds/base/mod.ts';
import { circuitKeys } from '../../circuits/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import { circuitsFrom } from '../network/mod.ts';

/**
 * The proofs that a new network asks for; null: none. It pins the keys of this program.
 * @throws {NexusError} `PROVE_INVALID`, `KEY_CORRUPT`
 */
export async function proofsFrom(
  text: string | undefined,
  witnesses: number,
): Promise<ProofTerms | null> {
  if (text === undefined) return null;
  if (witnesses === 0) {
    throw new NexusError('PROVE_INVALID', 'proofs are drawn by the beacons of witnesses', {
      hint: 'name one: --witness self',
    });
  }
  const keys = (await circuitKeys()).map(({ statement, hash }) => [statement, hash]);
  return circuitsFrom(text, Object.fromEntries(keys) as ProofTerms['keys']);
}

/** In words. */
export function proofLine({ share, withinCuts }: ProofTerms): string {
  return `Its executors prove the sampling of ${share / 100} % of their answers within ` +
    `${withinCuts} cuts, under development keys: anybody can forge proofs.`;
}
