import { NexusError } from '../../feeds/base/mod.ts';
import type { ApiKey, KeyLimits } from '../gateway/mod.ts';
import { withKey } from './list.ts';
import { type NewKey, newKey } from './secret.ts';
import { changeKeys, readKeys } from './store.ts';

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
    demandRoom(keys, most, now);
    return withKey(keys.filter((one) => !isAdmitted(one) || one.expires! > now), key);
  });
  return { key, secret: made.secret };
}

/**
 * Asked before a proof is looked at, so that nobody uses up a challenge for a key that there is no
 * room for.
 * @param now milliseconds since 1970
 * @throws {NexusError} `KEYS_TOO_MANY`, and what `readKeys` throws
 */
export async function demandRoomForAdmitted(
  path: string,
  most: number,
  now: number,
): Promise<void> {
  demandRoom(await readKeys(path), most, now);
}

function demandRoom(keys: readonly ApiKey[], most: number, now: number): void {
  if (keys.filter((one) => isAdmitted(one) && one.expires! > now).length < most) return;
  throw new NexusError('KEYS_TOO_MANY', `${most} have been admitted at once`, {
    hint: 'try again when one of their keys has expired',
  });
}

function isAdmitted({ name, expires }: ApiKey): boolean {
  return name.startsWith(NAME) && expires !== null;
}
