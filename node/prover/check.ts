import {
  type CircuitKey,
  isInsecure,
  type KeyRing,
  type Statement,
  verifyProof,
} from '../../circuits/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import type { ProofCheck, ProofTerms } from '../../feeds/sampling/mod.ts';
import { isVouched } from '../network/mod.ts';

/** What speaks against the proof itself; anything else keeps this machine from checking it. */
const AGAINST: ReadonlySet<string> = new Set(['PROOF_INVALID', 'PROOF_MALFORMED', 'PROOF_PUBLICS']);

/** True where an error says that a proof is wrong, not that it could not be checked. */
export function isWrong(thrown: unknown): thrown is NexusError {
  return thrown instanceof NexusError && AGAINST.has(thrown.code);
}

/**
 * Checks proofs under the key that the network pins, as the fold needs it.
 * @returns throws `KEY_UNKNOWN` where that key is not here, `KEY_CORRUPT`
 */
export function proofCheck(keys: KeyRing): ProofCheck {
  return async (statement, hash, publics, proof) => {
    const key = await keys.demand(statement, hash);
    try {
      await verifyProof(statement, publics, proof, key);
      return true;
    } catch (thrown) {
      if (isWrong(thrown)) return false;
      throw thrown;
    }
  };
}

/**
 * Whether anybody could forge what counts as a proof in a network, as far as is known here.
 * @param key under which they count; null: it is not here
 * @param terms what the network's file asks for; null: nothing is pinned, and the program's own key
 * counts
 */
export function isForgeable(
  statement: Statement,
  key: CircuitKey | null,
  terms: ProofTerms | null,
): boolean {
  const isPinned = terms?.keys[statement] !== undefined;
  return key === null || isInsecure(key, isPinned && isVouched(terms, statement));
}

/**
 * To be asked before anything is folded: a fold that met its first accusation without the key could
 * not go on, nor could it ever take that cut.
 * @param circuits what the network's file asks for; null: no proofs
 * @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function demandKeys(
  keys: KeyRing,
  circuits: Pick<ProofTerms, 'keys'> | null,
): Promise<void> {
  const hash = circuits?.keys.sample;
  // Read to the end: what is damaged is better known before the first cut.
  if (hash !== undefined) await (await keys.demand('sample', hash)).read('vkey');
}
