import { NCU, ncuText, NexusError } from '../../feeds/base/mod.ts';
import { closest, quoted } from '../home/mod.ts';
import type { ApiKey, KeyLimits } from '../gateway/mod.ts';

/** Each request is compared with all of them. */
export const MAX_KEYS = 1000;

/** What a key is to be. */
export interface KeyWish {
  name: string;
  limits: KeyLimits;
}

/** The most that a limit may be: a larger one is none. */
const MOST: Readonly<Record<keyof KeyLimits, number>> = {
  requestsPerMinute: 1_000_000,
  tokensPerMinute: 1_000_000_000,
  concurrent: 10_000,
  ncuPerDay: 1_000_000 * NCU,
};
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;

/**
 * Limits that were asked for.
 * @param names as they were asked for, where that is not by their own names
 * @throws {NexusError} `KEY_INVALID` naming the limit
 */
export function limitsOf(
  given: { [K in keyof KeyLimits]?: number | undefined },
  names: Partial<Record<keyof KeyLimits, string>> = {},
): KeyLimits {
  const limit = (name: keyof KeyLimits) => {
    const value = given[name] ?? null;
    if (isLimit(name, value)) return value;
    const most = name === 'ncuPerDay'
      ? `an amount of NCU above 0, at most ${ncuText(MOST[name])}`
      : `a whole number from 1 to ${MOST[name]}`;
    throw new NexusError('KEY_INVALID', `${names[name] ?? name} must be ${most}`, {
      hint: 'leave it out for no limit',
    });
  };
  return {
    requestsPerMinute: limit('requestsPerMinute'),
    tokensPerMinute: limit('tokensPerMinute'),
    concurrent: limit('concurrent'),
    ncuPerDay: limit('ncuPerDay'),
  };
}

/**
 * The list with one more key.
 * @throws {NexusError} `KEY_INVALID`, `KEY_EXISTS`, `KEYS_TOO_MANY`
 */
export function withKey(keys: readonly ApiKey[], key: ApiKey): ApiKey[] {
  if (!NAME.test(key.name)) {
    throw new NexusError(
      'KEY_INVALID',
      `a key cannot be called ${JSON.stringify(key.name.slice(0, 80))}`,
      {
        hint: 'take letters, digits, dots and dashes, 64 at most',
      },
    );
  }
  if (keys.some(({ id, name }) => [id, name].includes(key.name) || id === key.id)) {
    throw new NexusError('KEY_EXISTS', `there is a key ${key.name} already`, {
      hint: `take another name, or remove that one: nexus keys rm ${key.name}`,
    });
  }
  if (keys.length >= MAX_KEYS) {
    throw new NexusError('KEYS_TOO_MANY', `there are ${MAX_KEYS} keys already`, {
      hint: 'remove some: nexus keys list, nexus keys rm',
    });
  }
  return [...keys, key];
}

/**
 * The list without one key.
 * @param word its id or name
 * @throws {NexusError} `KEY_UNKNOWN`
 */
export function withoutKey(
  keys: readonly ApiKey[],
  word: string,
): { keys: ApiKey[]; removed: ApiKey } {
  const removed = keys.find(({ id, name }) => id === word || name === word);
  if (removed === undefined) {
    const meant = closest(word, keys.map(({ name }) => name));
    throw new NexusError('KEY_UNKNOWN', `there is no key ${JSON.stringify(word.slice(0, 80))}`, {
      hint: meant === undefined ? 'see nexus keys list' : `did you mean ${meant}?`,
    });
  }
  return { keys: keys.filter((key) => key !== removed), removed };
}

/**
 * Validates what `keys.json` holds.
 * @throws {NexusError} `KEYS_INVALID` naming file and key
 */
export function parseKeys(value: unknown, file = 'keys.json'): ApiKey[] {
  const fail = (what: string): never => {
    throw new NexusError('KEYS_INVALID', `${file}: ${what}`, {
      hint: `restore it from a backup, or remove it with all keys: rm ${quoted(file)}`,
    });
  };
  const { version, keys } = (value ?? {}) as Record<string, unknown>;
  if (version !== 1 || !Array.isArray(keys)) return fail('not a list of API keys');
  if (keys.length > MAX_KEYS) return fail(`more than ${MAX_KEYS} keys`);
  const known: ApiKey[] = [];
  for (const [i, entry] of keys.entries()) {
    const key = keyOf(entry);
    if (key === null) return fail(`key ${i + 1} is none`);
    const twice = known.some((one) =>
      one.id === key.id || one.name === key.name || one.id === key.name || one.hash === key.hash
    );
    if (twice) return fail(`key ${i + 1} stands there twice`);
    known.push(key);
  }
  return known;
}

function keyOf(value: unknown): ApiKey | null {
  // Keys that were made before some expired have no such time.
  const { id, name, hash, created, expires = null, limits } = (value ?? {}) as Record<
    string,
    unknown
  >;
  const texts = typeof id === 'string' && /^[0-9a-f]{8}$/.test(id) &&
    typeof name === 'string' && NAME.test(name) &&
    typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
  const isTime = expires === null || Number.isSafeInteger(expires);
  if (!texts || !isTime || !Number.isSafeInteger(created) || typeof limits !== 'object') {
    return null;
  }
  const from = (limits ?? {}) as Record<keyof KeyLimits, unknown>;
  // Keys that were made before there was money have no such limit.
  const { requestsPerMinute, tokensPerMinute, concurrent, ncuPerDay = null } = from;
  const ok = isLimit('requestsPerMinute', requestsPerMinute) &&
    isLimit('tokensPerMinute', tokensPerMinute) && isLimit('concurrent', concurrent) &&
    isLimit('ncuPerDay', ncuPerDay);
  if (!ok) return null;
  const kept = { requestsPerMinute, tokensPerMinute, concurrent, ncuPerDay };
  return {
    id,
    name,
    hash,
    created: created as number,
    expires: expires as number | null,
    limits: kept,
  };
}

function isLimit(name: keyof KeyLimits, value: unknown): value is number | null {
  if (value === null) return true;
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST[name];
}
