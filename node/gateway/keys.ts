import { messageOf } from '../../feeds/base/mod.ts';
import { ApiError } from './errors.ts';
import type { ApiKey, KeyBook } from './types.ts';

/** Longer secrets are none of ours. */
const MAX_SECRET = 512;

/**
 * The key of a request. Once a key exists every request needs one, on loopback too.
 * @param open false where a key is demanded though none exists: another address than loopback
 * @param now milliseconds since 1970
 * @throws {ApiError} 401
 * @throws {Error} if the keys cannot be read
 */
export async function authenticate(
  headers: Headers,
  keys: KeyBook,
  open: boolean,
  now: number,
): Promise<ApiKey | null> {
  if (open && await asked(keys.size()) === 0) return null;
  const given = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (given === undefined) {
    throw refused('you did not provide an API key: send it as Authorization: Bearer KEY');
  }
  const key = given.length > MAX_SECRET ? null : await asked(keys.find(given));
  if (key === null) throw refused('incorrect API key provided');
  if (key.expires !== null && key.expires <= now) throw refused('this API key has expired');
  return key;
}

/** Whoever has not shown a key is not told where keys are kept and what ails them: the log is. */
function asked<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause) => {
    throw new Error(`the API keys cannot be read: ${messageOf(cause)}`, { cause });
  });
}

function refused(message: string): ApiError {
  return new ApiError(401, 'invalid_api_key', message, {
    headers: { 'www-authenticate': 'Bearer' },
  });
}
