import { join } from 'node:path';

/** Loaded where something is kept: it takes longer than a short command in all. */
const fs = () => import('node:fs/promises');

/** A file of a folder. */
export interface FoundFile {
  name: string;
  bytes: number;
  /** Last change, milliseconds since 1970. */
  at: number;
}

/** The ordinary files of a folder, which is made for its owner alone (0700) if absent. */
export async function readFolder(folder: string): Promise<FoundFile[]> {
  const { mkdir, readdir, lstat } = await fs();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found: FoundFile[] = [];
  for (const name of await readdir(folder)) {
    const status = await lstat(join(folder, name));
    if (status.isFile()) found.push({ name, bytes: status.size, at: status.mtimeMs });
  }
  return found;
}

/** The first bytes of a file, all of them without `length`; null if there is none. */
export async function readSome(path: string, length?: number): Promise<Uint8Array | null> {
  const { open } = await fs();
  try {
    await using file = await open(path, 'r');
    if (length === undefined) return new Uint8Array(await file.readFile());
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, 0);
    return bytes.subarray(0, bytesRead);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ENOENT') return null;
    throw thrown;
  }
}

/** Writes a file of its owner alone (0600) in one step: a crash leaves it whole or not at all. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const { rename, rm, writeFile } = await fs();
  const draft = `${path}.draft`;
  try {
    await rm(draft, { force: true });
    await writeFile(draft, bytes, { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true }).catch(() => {});
    throw thrown;
  }
}

/** Removes a file that may be there. */
export async function removeFile(path: string): Promise<void> {
  await (await fs()).rm(path, { force: true });
}
