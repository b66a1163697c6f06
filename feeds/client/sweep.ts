/** What decides whether a folder is left over. */
export interface FolderInfo {
  name: string;
  isDirectory: boolean;
  uid: number | null;
  /** Permission bits. */
  mode: number | null;
  mtime: Date | null;
}

/** Begin of the names of folders that hold a socket while a process starts. */
export const SOCKET_PREFIX = 'nexus-start-';
/** Ours: those, and the folders of locks and sockets of homes with long paths. */
const OURS = /^nexus-(start-)?[0-9a-f]{8,32}$/;
/** No start takes so long. */
const STALE_MS = 3_600_000;

/**
 * True for a folder that a start left behind when it was killed. Whether it is empty is for the
 * removal to find out: it takes empty folders only.
 */
export function isLeftOver(folder: FolderInfo, uid: number | null, now: number): boolean {
  return OURS.test(folder.name) && folder.isDirectory && folder.uid === uid &&
    ((folder.mode ?? 0) & 0o777) === 0o700 && folder.mtime !== null &&
    now - folder.mtime.getTime() > STALE_MS;
}

/** Removes what starts that were killed left in the folder of temporary files. */
export async function sweep(temporary: string): Promise<void> {
  const uid = Deno.uid();
  for await (const { name } of Deno.readDir(temporary)) {
    if (!OURS.test(name)) continue;
    const path = `${temporary}/${name}`;
    const { isDirectory, uid: owner, mode, mtime } = await Deno.lstat(path).catch(() => NONE);
    const folder = { name, isDirectory, uid: owner, mode, mtime };
    if (isLeftOver(folder, uid, Date.now())) await Deno.remove(path).catch(() => {});
  }
}

const NONE = { isDirectory: false, uid: null, mode: null, mtime: null };
