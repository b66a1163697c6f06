import nacl from 'tweetnacl';
import { concatBytes, NexusError } from '../../feeds/base/mod.ts';

const NONCE = nacl.box.nonceLength;

/**
 * Seals a job key to an auditor, as `open` entries hold it.
 * @param to the auditor's X25519 key, from its identity record
 * @param secret the writer's own X25519 secret
 * @param random bytes that nobody can guess
 * @returns 72 bytes: nonce and box
 */
export function sealKey(
  jobKey: Uint8Array,
  to: Uint8Array,
  secret: Uint8Array,
  random: (count: number) => Uint8Array,
): Uint8Array {
  const nonce = random(NONCE);
  return concatBytes(nonce, nacl.box(jobKey, nonce, to, secret));
}

/**
 * Opens what {@link sealKey} made.
 * @param from the writer's X25519 key
 * @throws {NexusError} `KEY_UNREADABLE`
 */
export function unsealKey(
  sealed: Uint8Array,
  from: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  const key = nacl.box.open(sealed.subarray(NONCE), sealed.subarray(0, NONCE), from, secret);
  if (key?.length === 32) return key;
  throw new NexusError('KEY_UNREADABLE', 'the job key was not sealed to this node', {
    stage: 'audit',
    hint: 'its writer did not follow the format: nothing can be done here',
  });
}
