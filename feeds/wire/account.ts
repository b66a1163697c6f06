import { poseidonOne, taggedHash } from '../base/mod.ts';

/**
 * The secret of an identity's account, from its seed: a number below 2^248. Whoever knows it can prove
 * what the ledger says of the account, and nothing else.
 */
export function accountSecret(seed: Uint8Array): bigint {
  return taggedHash('nexus/account-secret/1', seed).subarray(1)
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** Poseidon(secret), 32 bytes: what the identity's record and its leaf in the ledger hold. */
export function accountCommitment(secret: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  let value = poseidonOne(secret);
  for (let i = 31; i >= 0; i--, value >>= 8n) bytes[i] = Number(value & 255n);
  return bytes;
}
