import { statSync } from 'node:fs';
import process from 'node:process';
import { NexusError } from '../../feeds/base/mod.ts';
import { acquireLock, quoted, readJson, writeJson } from '../home/mod.ts';
import type { ApiKey } from '../gateway/mod.ts';
import { parseKeys } from './list.ts';

/** How long one writer waits for another. */
const WAIT_MS = 10_000;

/**
 * The keys of a file; none if there is no file.
 * @throws {NexusError} `KEYS_INVALID`, `KEYS_EXPOSED`
 */
export async function readKeys(path: string): Promise<ApiKey[]> {
  if (await fileStamp(path) === null) return [];
  const value = await readJson(path).catch((thrown) => {
    // Whoever can write the file can make it large or unreadable too.
    if (!(thrown instanceof NexusError)) throw thrown;
    throw new NexusError('KEYS_INVALID', thrown.message, {
      hint: `restore it from a backup, or remove it with all keys: rm ${quoted(path)}`,
      cause: thrown,
    });
  });
  return value === undefined ? [] : parseKeys(value, path);
}

/** Changes the keys of a file; of two writers at once each sees what the other wrote. */
export async function changeKeys(
  path: string,
  change: (keys: ApiKey[]) => ApiKey[],
): Promise<ApiKey[]> {
  const signal = AbortSignal.timeout(WAIT_MS);
  await using _lock = await acquireLock(`${path}.lock`, { signal, onWait: () => {} });
  const keys = change(await readKeys(path));
  await writeJson(path, { version: 1, keys });
  return keys;
}

/**
 * What differs when the file was replaced; null if there is none.
 * @throws {NexusError} `KEYS_EXPOSED` if others than its owner may use it
 */
// deno-lint-ignore require-await -- so that errors reject
export async function fileStamp(path: string): Promise<string | null> {
  // Asked for each request: another thread would take longer than the call.
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return null;
  if (process.platform !== 'win32' && (found.mode & 0o077n) !== 0n) {
    throw new NexusError('KEYS_EXPOSED', `other users of this machine may use ${path}`, {
      hint: `look whether the keys in it are yours, then: chmod 600 ${quoted(path)}`,
    });
  }
  return `${found.ino} ${found.size} ${found.mtimeNs}`;
}
