import { KeyRing, type Statement, type StoredKey } from '../../circuits/mod.ts';
import { networkOfId } from '../network/mod.ts';
import type { Context } from './context.ts';

/**
 * The key under which proofs of a statement count in a network, the program's where it pins none.
 * @param network its id, hexadecimal
 * @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function pinnedKey(
  { home }: Pick<Context, 'home'>,
  statement: Statement,
  network: string,
): Promise<StoredKey> {
  const known = await networkOfId(home.paths, network);
  return await new KeyRing(home.paths.circuits).demand(
    statement,
    known?.file.circuits?.keys[statement],
  );
}
