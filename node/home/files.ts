import { basename, dirname, join } from 'node:path';
import { messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  changeMode,
  createFolder,
  linkStatusOf,
  namesIn,
  platform,
  readWhole,
  statusOf,
  userId,
} from './runtime.ts';

/** Read where something is written: see `runtime.ts`. */
const fs = () => import('node:fs/promises');

/** Nothing that we read as text is larger: 4 MiB. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** The end of a file's name while it is written. */
const DRAFT = /^[0-9a-f]{12}\.new$/;

/** The system's code of a failed file operation, e.g. `ENOENT`. */
export function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Creates the folder, and what leads to it, for its owner alone (0700). */
export async function makeFolder(path: string): Promise<void> {
  try {
    await createFolder(path, 0o700);
  } catch (cause) {
    throw new NexusError('FOLDER_FAILED', `cannot create ${path}: ${messageOf(cause)}`, {
      hint: 'name a folder that you may write to with --home or NEXUS_HOME',
      cause,
    });
  }
}

/**
 * Creates a 0700 folder at a place where others may write too, and refuses one that is not ours.
 * @throws {NexusError} `FOLDER_UNSAFE` if it is a link, another user's, or open to others
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path);
  if (platform() === 'win32') return;
  const found = await linkStatusOf(path);
  const user = userId();
  if (!found.isDirectory || (user !== null && found.uid !== user)) {
    throw new NexusError('FOLDER_UNSAFE', `${path} is not a folder of this user`, {
      hint: `remove it: rm -r ${quoted(path)}`,
    });
  }
  if ((found.mode & 0o077) !== 0) await changeMode(path, 0o700);
}

/** Names of what lies in a folder; none if there is no folder. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return await namesIn(path);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

/** Removes what may be there: a file, or a folder with all that is in it. */
export async function remove(path: string): Promise<void> {
  await (await fs()).rm(path, { recursive: true, force: true });
}

/**
 * Text of a file, null if there is none.
 * @throws {NexusError} `FILE_IRREGULAR`, `FILE_TOO_LARGE`
 */
export async function readText(path: string): Promise<string | null> {
  return await look(path, MAX_TEXT_BYTES, () => readWhole(path));
}

/** Reads an ordinary file of a bounded size; null if there is none. */
async function look<T>(path: string, most: number, read: () => Promise<T>): Promise<T | null> {
  try {
    const found = await statusOf(path);
    // A pipe would be waited for, a device read without end.
    if (!found.isFile) {
      throw new NexusError('FILE_IRREGULAR', `${path} is no ordinary file`, {
        hint: `move away what lies there: mv ${quoted(path)} ${quoted(`${path}.old`)}`,
      });
    }
    if (found.size > most) {
      throw new NexusError('FILE_TOO_LARGE', `${path} is larger than ${most} bytes`);
    }
    return await read();
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

/**
 * Bytes of a file, null if there is none.
 * @throws {NexusError} `FILE_IRREGULAR`, `FILE_TOO_LARGE`
 */
export async function readBytes(
  path: string,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return await look(path, most, async () => new Uint8Array(await (await fs()).readFile(path)));
}

/** Removes what a write of a file left behind that was killed, where nobody writes it now. */
export async function sweepDrafts(path: string): Promise<void> {
  const start = `${basename(path)}.`;
  for (const name of await listFolder(dirname(path))) {
    if (!name.startsWith(start) || !DRAFT.test(name.slice(start.length))) continue;
    await remove(join(dirname(path), name));
  }
}

/**
 * Replaces a file in one step: a reader, or a crash, sees the old content or the new one.
 * @param mode permission of the new file; 0600 unless told
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const { rename, unlink } = await fs();
  const draft = await writeDraft(path, content, mode);
  try {
    await rename(draft, path);
  } catch (thrown) {
    await unlink(draft).catch(() => {});
    throw thrown;
  }
}

/**
 * Creates a file in one step, whole or not at all.
 * @returns false if there was one already: it is left alone
 */
export async function createFileAtomic(path: string, text: string, mode = 0o600): Promise<boolean> {
  const { link, unlink } = await fs();
  const draft = await writeDraft(path, text, mode);
  try {
    // Unlike rename, link never replaces: of two creators one wins.
    await link(draft, path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  } finally {
    await unlink(draft).catch(() => {});
  }
}

/** {@link writeFileAtomic} of a value as indented JSON. */
export function writeJson(path: string, value: unknown, mode = 0o600): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/**
 * JSON of a file, undefined if there is none. The value is not validated.
 * @throws {NexusError} `JSON_INVALID` naming file and place
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NexusError('JSON_INVALID', `${path} is not JSON: ${messageOf(cause)}`, {
      hint: `mend the file, or remove it: rm ${quoted(path)}`,
      cause,
    });
  }
}

/** Bytes that nobody can guess. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** A path as one word of a shell. */
export function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

async function writeDraft(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<string> {
  const { open, unlink } = await fs();
  await makeFolder(dirname(path));
  const draft = `${path}.${toHex(randomBytes(6))}.new`;
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (thrown) {
    await unlink(draft).catch(() => {});
    throw thrown;
  } finally {
    await file.close();
  }
  return draft;
}
