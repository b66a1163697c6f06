import { taggedHash } from '../feeds/base/mod.ts';
import { numberOf } from './field.ts';
import type { Statement } from './types.ts';

/**
 * What a proof was made for, as one public input: 31 bytes of a hash over the statement's name and
 * whatever it must not be carried away from (network, job and attempt; network and epoch; …).
 */
export function contextOf(statement: Statement, ...parts: Uint8Array[]): bigint {
  const name = new TextEncoder().encode(statement);
  return numberOf(taggedHash('nexus/proof-context/1', name, ...parts).subarray(1));
}
