import { taggedHash } from '../base/mod.ts';
import type { IdentityRecord, LogName } from '../records/mod.ts';
import nacl from 'tweetnacl';
import { accountCommitment, accountSecret, boxSecret } from '../wire/mod.ts';
import { HyperDht, type KeyPair } from './native.ts';

export const LOGS: readonly LogName[] = ['jobs', 'artifacts', 'attestations'];

/** Every key of an identity follows from its 32-byte seed. */
export interface Keys {
  /** Ed25519: the identity, and the Noise key of its connections. */
  identity: KeyPair;
  /** Ed25519, one for each log. */
  logs: Record<LogName, KeyPair>;
  /** X25519 public key. */
  box: Uint8Array;
}

/** Derives the keys; the identity's own key is the seed's, the others are separated by tags. */
export function keysOf(seed: Uint8Array): Keys {
  const log = (name: LogName) =>
    HyperDht.keyPair(taggedHash('nexus/core-key/1', seed, new TextEncoder().encode(name)));
  return {
    identity: HyperDht.keyPair(seed),
    logs: { jobs: log('jobs'), artifacts: log('artifacts'), attestations: log('attestations') },
    box: nacl.box.keyPair.fromSecretKey(boxSecret(seed)).publicKey,
  };
}

/** A new identity's record before it is signed. */
export function unsignedIdentity(
  keys: Keys,
  seed: Uint8Array,
  cores: Record<LogName, Uint8Array>,
): Omit<IdentityRecord, 'signature'> {
  return {
    type: 'identity',
    publicKey: new Uint8Array(keys.identity.publicKey),
    jobs: new Uint8Array(cores.jobs),
    artifacts: new Uint8Array(cores.artifacts),
    attestations: new Uint8Array(cores.attestations),
    box: keys.box,
    account: accountCommitment(accountSecret(seed)),
  };
}
