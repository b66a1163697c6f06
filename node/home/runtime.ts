/**
 * What every command needs of the system before it does anything. Deno's own calls under Deno, where
 * loading its layer for Node takes longer than the rest of an attached `nexus run`; Node's elsewhere.
 */
const node = 'Deno' in globalThis ? null : {
  fs: await import('node:fs'),
  process: (await import('node:process')).default,
};

/** The environment, read as it is asked for: a command may see only some of it. */
export const env: Record<string, string | undefined> = node?.process.env ??
  new Proxy({}, { get: (_, name) => typeof name === 'string' ? Deno.env.get(name) : undefined });

/** As `process.platform` has it. */
export function platform(): string {
  if (node !== null) return node.process.platform;
  return Deno.build.os === 'windows' ? 'win32' : Deno.build.os;
}

/** Number of the user; null where there are none. */
export function userId(): number | null {
  return node === null ? Deno.uid() : node.process.getuid?.() ?? null;
}

/** What is asked of a file. */
export interface FileStatus {
  /** Bytes. */
  size: number;
  /** Permissions and kind, as POSIX has them. */
  mode: number;
  /** Number of the owner. */
  uid: number;
  isFile: boolean;
  isDirectory: boolean;
}

/** What lies at `path`, links followed. */
export async function statusOf(path: string): Promise<FileStatus> {
  return node === null ? ofDeno(await Deno.stat(path)) : ofNode(await node.fs.promises.stat(path));
}

/** What lies at `path`, which may be a link. */
export async function linkStatusOf(path: string): Promise<FileStatus> {
  return node === null
    ? ofDeno(await Deno.lstat(path))
    : ofNode(await node.fs.promises.lstat(path));
}

/** The whole of a file as UTF-8. */
export async function readWhole(path: string): Promise<string> {
  return node === null
    ? await Deno.readTextFile(path)
    : await node.fs.promises.readFile(path, 'utf8');
}

/** Creates a folder and what leads to it. */
export async function createFolder(path: string, mode: number): Promise<void> {
  const options = { recursive: true, mode };
  if (node === null) await Deno.mkdir(path, options);
  else await node.fs.promises.mkdir(path, options);
}

export async function changeMode(path: string, mode: number): Promise<void> {
  await (node === null ? Deno.chmod(path, mode) : node.fs.promises.chmod(path, mode));
}

/** Names of what lies in a folder. */
export async function namesIn(path: string): Promise<string[]> {
  return node === null
    ? await Array.fromAsync(Deno.readDir(path), ({ name }) => name)
    : await node.fs.promises.readdir(path);
}

/** The path behind all links; throws where nothing is. */
export function followLinks(path: string): string {
  return node === null ? Deno.realPathSync(path) : node.fs.realpathSync(path);
}

function ofDeno({ size, mode, uid, isFile, isDirectory }: Deno.FileInfo): FileStatus {
  return { size, mode: mode ?? 0, uid: uid ?? 0, isFile, isDirectory };
}

function ofNode(found: import('node:fs').Stats): FileStatus {
  const { size, mode, uid } = found;
  return { size, mode, uid, isFile: found.isFile(), isDirectory: found.isDirectory() };
}
