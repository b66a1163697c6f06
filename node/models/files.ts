import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes done of a total. */
export interface Progress {
  done: number;
  total: number;
}

export type OnProgress = (progress: Progress) => void;

/** What tells, without reading a file, that it is still the one that was hashed. */
export interface FileStamp {
  size: number;
  mtimeMs: number;
}

const CHUNK = 2 ** 20;

/** Size and time of a plain file; null where there is none. */
export async function stampOf(path: string): Promise<FileStamp | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? { size: found.size, mtimeMs: Math.trunc(found.mtimeMs) } : null;
}

export function sameStamp(a: FileStamp | null, b: FileStamp | null): boolean {
  return a !== null && b !== null && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/** SHA-256 of a file of any size, read in pieces of 1 MiB. */
export async function sha256File(
  path: string,
  options: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined } = {},
): Promise<Uint8Array> {
  await using file = await open(path);
  const total = (await file.stat()).size;
  const hash = createHash('sha256');
  const chunk = new Uint8Array(CHUNK);
  for (let done = 0;;) {
    options.signal?.throwIfAborted();
    const { bytesRead } = await file.read(chunk, 0, CHUNK, done);
    if (bytesRead === 0) return new Uint8Array(hash.digest());
    hash.update(chunk.subarray(0, bytesRead));
    done += bytesRead;
    options.onProgress?.({ done, total });
  }
}

/** Writes a file so that a reader, or a crash, finds the old one or the new one and no other. */
export async function writeAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const part = temporaryName(path);
  await makeFolder(dirname(path));
  try {
    {
      await using file = await open(part, 'wx', 0o600);
      await file.writeFile(data);
      await file.sync();
    }
    await rename(part, path);
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
}

/** A name beside `path` that nobody else uses. */
export function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.part`;
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Forces a file's bytes to the disk: after a power cut its stamp must not vouch for zeros. */
export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}
