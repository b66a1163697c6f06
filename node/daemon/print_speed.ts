import { LEAST_ACCUSERS, type PrintRow } from '../../feeds/fingerprints/mod.ts';
import type { Speed } from '../router/mod.ts';

/**
 * What the router is told of an executor's speed. What one challenger alone found is its word, about
 * somebody who may be its rival: it is shown, and neither raises nor lowers anybody here.
 */
export function printSpeed(
  { attested, refuted, claim }: Pick<PrintRow, 'attested' | 'refuted' | 'claim'>,
): Speed | null {
  if (attested !== null && attested.by.length >= LEAST_ACCUSERS) {
    return {
      source: 'attested',
      prefill: attested.prefillRate / 1000,
      decode: attested.decodeRate / 1000,
      contradicted: attested.contradicted.length > 0 || refuted !== null,
    };
  }
  return claim && {
    source: 'claimed',
    prefill: claim.prefill / 1000,
    decode: claim.decode / 1000,
    contradicted: refuted !== null,
  };
}
