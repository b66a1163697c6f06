import { circuitKeys, verifyProof } from '../../circuits/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import type { ProofCheck, ProofTerms } from '../../feeds/sampling/mod.ts';

/** What speaks against the proof itself; anything else keeps this machine from checking it. */
const AGAINST: ReadonlySet<string> = new Set(['PROOF_INVALID', 'PROOF_MALFORMED', 'PROOF_PUBLICS']);

/** True where an error says that a proof is wrong, not that it could not be checked. */
export function isWrong(thrown: unknown): thrown is NexusError {
  return thrown instanceof NexusError && AGAINST.has(thrown.code);
}

/**
 * Checks a proof under the key that the network pins, as the fold needs it.
 * @throws {NexusError} `KEY_UNKNOWN`: this program has another key than the network pins; `KEY_CORRUPT`
 */
export const checkProof: ProofCheck = async (statement, key, publics, proof) => {
  await assertKey(statement, key);
  try {
    await verifyProof(statement, publics, proof);
    return true;
  } catch (thrown) {
    if (isWrong(thrown)) return false;
    throw thrown;
  }
};

/**
 * To be asked before anything is folded: a fold that met its first accusation without the key could
 * not go on, nor could it ever take that cut.
 * @param circuits what the network's file asks for; null: no proofs
 * @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function demandKeys(circuits: Pick<ProofTerms, 'keys'> | null): Promise<void> {
  const key = circuits?.keys.sample;
  if (key !== undefined) await assertKey('sample', key);
}

/** @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT` */
export async function assertKey(statement: string, key: string): Promise<void> {
  const own = (await circuitKeys()).find((one) => one.statement === statement);
  if (own?.hash === key) return;
  throw new NexusError(
    'KEY_UNKNOWN',
    `the network pins another key of ${statement} than this program has`,
    {
      hint: 'install the version of this program, or the keys, that the network was made with',
    },
  );
}
