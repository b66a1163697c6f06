import { bytesOf, numberOf, poseidonOne, taggedHash } from '../base/mod.ts';

/**
 * The secret of an identity's account, from its seed: a number below 2^248. Whoever knows it can prove
 * what the ledger says of the account, and nothing else.
 */
export function accountSecret(seed: Uint8Array): bigint {
  return numberOf(taggedHash('nexus/account-secret/1', seed).subarray(1));
}

/** Poseidon(secret), 32 bytes: what the identity's record and its leaf in the ledger hold. */
export function accountCommitment(secret: bigint): Uint8Array {
  return bytesOf(poseidonOne(secret));
}
