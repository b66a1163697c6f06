import nacl from 'tweetnacl';
import { concatBytes, NexusError } from '../../feeds/base/mod.ts';

const KEY = nacl.box.publicKeyLength;
/** Each text has a key pair of its own: no nonce is used twice. */
const NONCE = new Uint8Array(nacl.box.nonceLength);

/** What opens texts, and what they are sealed to: X25519. */
export interface Applicant {
  publicKey: Uint8Array;
  secretKey: Uint8Array;
}

/** A pair of this one application. @param seed 32 bytes that nobody can guess */
export function applicantOf(seed: Uint8Array): Applicant {
  return nacl.box.keyPair.fromSecretKey(seed);
}

/** Seals a text to an applicant. @param seed 32 bytes that nobody can guess, for this text alone */
export function sealText(text: string, to: Uint8Array, seed: Uint8Array): Uint8Array {
  const { publicKey, secretKey } = nacl.box.keyPair.fromSecretKey(seed);
  return concatBytes(publicKey, nacl.box(new TextEncoder().encode(text), NONCE, to, secretKey));
}

/** @throws {NexusError} `ADMISSION_BAD_ANSWER` */
export function openText(sealed: Uint8Array, { secretKey }: Applicant): string {
  const from = sealed.subarray(0, KEY);
  const bytes = from.length === KEY
    ? nacl.box.open(sealed.subarray(KEY), NONCE, from, secretKey)
    : null;
  if (bytes !== null) return new TextDecoder().decode(bytes);
  throw new NexusError('ADMISSION_BAD_ANSWER', 'the key was not sealed to this application', {
    hint: 'the gateway does not follow the format, or somebody stands in between: ask its owner',
  });
}
