import { KeyRing, type Statement, type StoredKey } from '../../circuits/mod.ts';
import { networkOfId } from '../network/mod.ts';
import { isForgeable } from '../prover/mod.ts';
import type { Context } from './context.ts';

/** What is to be said of a proof under a key for which nobody vouches. */
export const FORGEABLE =
  'nobody vouches for its key: ANYBODY CAN FORGE such a proof (docs/ceremony.md)';

/**
 * The key under which proofs of a statement count in a network, the program's where it pins none.
 * @param network its id, hexadecimal
 * @returns `insecure`: anybody can forge proofs under it, as far as is known here
 * @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function pinnedKey(
  { home }: Pick<Context, 'home'>,
  statement: Statement,
  network: string,
): Promise<{ key: StoredKey; insecure: boolean }> {
  const known = await networkOfId(home.paths, network), terms = known?.file.circuits ?? null;
  const keys = new KeyRing(home.paths.circuits);
  const key = await keys.demand(statement, terms?.keys[statement]);
  return { key, insecure: isForgeable(statement, key, terms) };
}
