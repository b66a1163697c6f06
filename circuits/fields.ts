import { wrongPublics } from './errors.ts';
import { isElement, numberOf } from './field.ts';

/**
 * A root as a field element.
 * @throws {NexusError} `PROOF_PUBLICS`: not 32 bytes, or p + x for x
 */
export function rootElement(bytes: Uint8Array): bigint {
  const value = numberOf(bytes);
  if (bytes.length !== 32 || !isElement(value)) throw wrongPublics('its root is no field element');
  return value;
}

/**
 * A whole number from 0 to below 2^bits.
 * @throws {NexusError} `PROOF_PUBLICS`
 */
export function rangeElement(value: number, bits: number, name: string): bigint {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** bits) {
    throw wrongPublics(`its ${name} is no whole number below 2^${bits}`);
  }
  return BigInt(value);
}
