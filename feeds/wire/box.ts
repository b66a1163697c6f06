import { taggedHash } from '../base/mod.ts';

/** The X25519 secret (32 bytes, for tweetnacl's box) of an identity, from its seed. */
export function boxSecret(seed: Uint8Array): Uint8Array {
  return taggedHash('nexus/box-key/1', seed);
}
