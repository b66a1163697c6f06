import { NexusError } from '../../feeds/base/mod.ts';
import type { ApiKey, KeyLimits } from '../gateway/mod.ts';
import { withKey } from './list.ts';
import { type NewKey, newKey } from './secret.ts';
import { changeKeys } from './store.ts';

/** Of which keys it is told that a proof of a standing made them. */
const NAME = 'admitted-';

export interface AdmittedWish {
  limits: KeyLimits;
  /** Milliseconds that a key lasts. */
  lifeMs: number;
  /** Keys of this kind at once. */
  most: number;
}

/**
 * Makes a key for somebody who was admitted, and forgets those of the kind that have expired.
 * @param random 36 random bytes
 * @param now milliseconds since 1970
 * @throws {NexusError} `KEYS_TOO_MANY`, and what `changeKeys` throws
 */
export async function admittedKey(
  path: string,
  { limits, lifeMs, most }: AdmittedWish,
  random: Uint8Array,
  now: number,
): Promise<NewKey> {
  const made = newKey({ name: NAME, limits }, random, now);
  const key: ApiKey = { ...made.key, name: `${NAME}${made.key.id}`, expires: now + lifeMs };
  await changeKeys(path, (keys) => {
    const left = keys.filter((one) => !isAdmitted(one) || one.expires! > now);
    if (left.filter(isAdmitted).length >= most) {
      throw new NexusError('KEYS_TOO_MANY', `${most} have been admitted at once`, {
        hint: 'try again when one of their keys has expired',
      });
    }
    return withKey(left, key);
  });
  return { key, secret: made.secret };
}

function isAdmitted({ name, expires }: ApiKey): boolean {
  return name.startsWith(NAME) && expires !== null;
}
