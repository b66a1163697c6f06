import { taggedHash } from '../../feeds/base/mod.ts';

/** Whom a challenge is between. All 32 bytes. */
export interface Ends {
  network: Uint8Array;
  challenger: Uint8Array;
  executor: Uint8Array;
}

/**
 * The nonce that a machine is given: an answer to it answers nobody else's challenge, and no other
 * node's, so that none can be handed on.
 */
export function boundNonce(nonce: Uint8Array, { network, challenger, executor }: Ends): Uint8Array {
  return taggedHash('nexus/fingerprint-nonce/1', network, challenger, executor, nonce);
}
