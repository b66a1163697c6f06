import { createHash, timingSafeEqual } from 'node:crypto';
import { Buffer } from 'node:buffer';
import type { ApiKey, KeyLimits } from '../gateway/mod.ts';

const PREFIX = 'nexus-';
/** Characters of 32 bytes in base64url without padding. */
const SHAPE = /^nexus-[A-Za-z0-9_-]{43}$/;

/** A key with its secret, which is shown once and kept nowhere. */
export interface NewKey {
  key: ApiKey;
  secret: string;
}

/**
 * Makes a key.
 * @param random 36 random bytes: 32 of the secret, 4 of the id
 * @param created milliseconds since 1970
 */
export function newKey(
  { name, limits }: { name: string; limits: KeyLimits },
  random: Uint8Array,
  created: number,
): NewKey {
  if (random.length !== 36) throw new RangeError('a key takes 36 random bytes');
  const secret = `${PREFIX}${Buffer.from(random.subarray(0, 32)).toString('base64url')}`;
  const id = Buffer.from(random.subarray(32)).toString('hex');
  return {
    key: { id, name, hash: digest(secret).toString('hex'), created, expires: null, limits },
    secret,
  };
}

/**
 * The key of a secret, null if there is none. Each key is compared, each in the same time whatever
 * the difference, so that answers tell nothing about the hashes.
 */
export function keyOfSecret(keys: readonly ApiKey[], secret: string): ApiKey | null {
  const hash = digest(SHAPE.test(secret) ? secret : '');
  let found: ApiKey | null = null;
  for (const key of keys) if (timingSafeEqual(hash, Buffer.from(key.hash, 'hex'))) found = key;
  return found;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
