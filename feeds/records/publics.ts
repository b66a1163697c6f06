import { bytesOf, concatBytes, NexusError, numberOf, taggedHash } from '../base/mod.ts';
import { type Codec, decodeWith, encodeWith, fixed } from './codec.ts';
import { list, struct } from './combine.ts';
import { LIMITS } from './limits.ts';

/** The public inputs of a proof with the salt of their hash: what `proof` entries do not show. */
export interface PublicsOpening {
  /** 32 bytes. */
  salt: Uint8Array;
  /** Elements of BN254's scalar field, as the verifier of the proof takes them. */
  publics: bigint[];
}

interface Packed {
  salt: Uint8Array;
  publics: Uint8Array[];
}

const ELEMENT = 32;
const TOP = 1n << 256n;
const packed: Codec<Packed> = struct<Packed>({
  salt: fixed(32),
  publics: list(fixed(ELEMENT), LIMITS.proofPublics),
});

/**
 * Salt of the hash of a proof's public inputs: whoever has the job key knows it, and showing it says
 * nothing of the key, nor of another proof's salt.
 * @param jobKey 32 secret bytes
 * @param subject hash of the artifact's entry
 */
export function publicsSalt(jobKey: Uint8Array, subject: Uint8Array): Uint8Array {
  return taggedHash('nexus/proof-salt/1', jobKey, subject);
}

/** What a `proof` entry says of its public inputs: 32 bytes. */
export function publicsHash({ salt, publics }: PublicsOpening): Uint8Array {
  return taggedHash('nexus/proof-publics/1', salt, concatBytes(...publics.map(elementBytes)));
}

/** An opening as it stands in an accusation. @throws {NexusError} `RECORD_…` */
export function encodeOpening({ salt, publics }: PublicsOpening): Uint8Array {
  const value = { salt, publics: publics.map(elementBytes) };
  return encodeWith(packed, value, LIMITS.contradictionBytes);
}

/**
 * Reads what {@link encodeOpening} made. That its numbers are below the field's order is for the
 * verifier of the proof to check.
 * @throws {NexusError} `RECORD_…`
 */
export function decodeOpening(bytes: Uint8Array): PublicsOpening {
  const { salt, publics } = decodeWith(packed, bytes, LIMITS.contradictionBytes);
  return { salt, publics: publics.map(numberOf) };
}

function elementBytes(value: bigint): Uint8Array {
  if (value < 0n || value >= TOP) {
    throw new NexusError('RECORD_BAD_FIELD', 'a public input is no whole number of 32 bytes', {
      hint: 'reduce it modulo the order of the field',
    });
  }
  return bytesOf(value);
}
