import { constants, copyFile, link, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import { makeFolder, sameStamp, sha256File, stampOf, syncFile, temporaryName } from './files.ts';
import type { ModelEntry, StoredWeights } from './model.ts';

const ABANDONED_MS = 7 * 24 * 3600 * 1000;

/** Deletes what was begun and not touched for a week. */
export async function prunePartial(folder: string, now: number): Promise<void> {
  const partial = join(folder, 'partial');
  for (const name of await readdir(partial).catch(() => [])) {
    const found = await stat(join(partial, name)).catch(() => null);
    if (found === null || now - found.mtimeMs < ABANDONED_MS) continue;
    await rm(join(partial, name), { recursive: true, force: true });
  }
}

/** A new name in the folder for the same bytes: a hard link, or a copy from another disk. */
export async function linkInto(folder: string, entry: ModelEntry, source: string): Promise<string> {
  const part = temporaryName(join(folder, 'partial', entry.name));
  await makeFolder(dirname(part));
  await link(source, part).catch(() => copyFile(source, part, constants.COPYFILE_FICLONE));
  return part;
}

/**
 * Checks that a fetched file is what the profile says, and forces it to the disk.
 * @throws {NexusError} `MODEL_HASH_MISMATCH`, after deleting the file
 */
export async function checkFetched(
  entry: ModelEntry,
  part: string,
  signal?: AbortSignal,
): Promise<void> {
  const hash = await sha256File(part, { signal });
  if (!equalBytes(hash, entry.profile.file)) {
    await rm(part, { force: true });
    throw mismatch(part, hash, entry, 'it was deleted; fetch the model again');
  }
  await syncFile(part);
}

/** Moves a file that is known to be right into place, in one step. */
export async function placeWeights(
  folder: string,
  entry: ModelEntry,
  part: string,
): Promise<StoredWeights | null> {
  const file = `${entry.name}.gguf`;
  const path = join(folder, file);
  await rename(part, path);
  // Renaming one hard link of a file onto another does nothing: POSIX, rename().
  await rm(part, { force: true });
  const stamp = await stampOf(path);
  return stamp && { file, ...stamp };
}

/**
 * Vouches for weights in the folder: by their stamp, else by hashing them again.
 * @returns the stamp to remember, if it changed
 * @throws {NexusError} `MODEL_HASH_MISMATCH`
 */
export async function checkStored(entry: ModelEntry, path: string): Promise<StoredWeights | null> {
  const stamp = await stampOf(path);
  if (stamp === null || entry.weights === null || sameStamp(stamp, entry.weights)) return null;
  const hash = await sha256File(path);
  if (equalBytes(hash, entry.profile.file)) return { ...entry.weights, ...stamp };
  const hint = `remove it with \`nexus models rm ${entry.name}\`, then fetch or add it again`;
  throw mismatch(path, hash, entry, hint);
}

function mismatch(path: string, got: Uint8Array, entry: ModelEntry, hint: string): NexusError {
  const { name, profile } = entry;
  return new NexusError(
    'MODEL_HASH_MISMATCH',
    `${path} is not ${name}: its sha256 is ${toHex(got)}, expected ${toHex(profile.file)}`,
    { hint },
  );
}
