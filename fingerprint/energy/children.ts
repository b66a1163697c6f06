import { fileURLToPath } from 'node:url';
import { allowPaths, NexusError } from '../../feeds/base/mod.ts';
import { AskedChild } from './asked.ts';
import type { NvmlReader, NvmlSample } from './nvml.ts';
import { type FolderReader, POWERCAP } from './rapl.ts';

/** Node 20 knows the first name alone, later versions came to know the second. */
const SWITCHES = ['--experimental-permission', '--permission'];

/**
 * Reads the counters under `/sys`: Deno opens nothing there without all permissions, so a process of
 * Node does that may read that folder and nothing else.
 * @param node path of the Node binary
 * @param folder another one, for trying it out
 */
export async function powercapReader(node: string, folder = POWERCAP): Promise<FolderReader> {
  const code = await Deno.readTextFile(
    fileURLToPath(new URL('./folder_child.mjs', import.meta.url)),
  );
  // Links in it lead out of it, and Node follows them.
  const allowed = `--allow-fs-read=${folder}/*`;
  for (const permission of SWITCHES) {
    const flags = ['--no-warnings', permission, allowed, '--input-type=module'];
    const reader = new ChildFolder(new AskedChild(node, [...flags, '-e', code, folder]));
    const names = await reader.list().catch((thrown: { code?: unknown }) => thrown);
    if (Array.isArray(names) || names.code !== 'ENERGY_UNREADABLE') return reader;
    await reader[Symbol.asyncDispose]();
  }
  throw new NexusError('ENERGY_UNREADABLE', `${node} does not start as it should`);
}

class ChildFolder implements FolderReader {
  readonly #child: AskedChild;

  constructor(child: AskedChild) {
    this.#child = child;
  }

  list(): Promise<string[]> {
    return this.#ask([]);
  }

  read(paths: readonly string[]): Promise<string[]> {
    return this.#ask(paths);
  }

  async #ask(paths: readonly string[]): Promise<string[]> {
    const { texts, error, code } = await this.#child.ask(paths) as Record<string, unknown>;
    if (!Array.isArray(texts)) throw Object.assign(new Error(String(error)), { code });
    return texts.map(String);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

/** Where drivers put NVML, on Linux, under WSL, and on Windows. */
const LIBRARIES = [
  '/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1',
  '/usr/lib/aarch64-linux-gnu/libnvidia-ml.so.1',
  '/usr/lib64/libnvidia-ml.so.1',
  '/usr/lib/libnvidia-ml.so.1',
  '/usr/lib/wsl/lib/libnvidia-ml.so.1',
  '/run/opengl-driver/lib/libnvidia-ml.so.1',
  'C:\\Windows\\System32\\nvml.dll',
];

/** Folders that `LD_LIBRARY_PATH` names. */
export function libraryFolders(path: string | undefined): string[] {
  return (path ?? '').split(':').filter(Boolean);
}

/** Path of NVML; null where there is none. @param searched folders of `LD_LIBRARY_PATH` */
export async function findNvml(searched: readonly string[]): Promise<string | null> {
  const paths = [...searched.map((folder) => `${folder}/libnvidia-ml.so.1`), ...LIBRARIES];
  for (const path of paths) {
    if (await Deno.stat(path).then((found) => found.isFile, () => false)) return path;
  }
  return null;
}

/** A process that may load NVML and nothing else. @param path of the library */
export function nvmlReader(path: string): NvmlReader {
  const child = new AskedChild(Deno.execPath(), [
    'run',
    '--quiet',
    '--no-prompt',
    '--no-remote',
    '--no-lock',
    '--no-check',
    '--no-config',
    allowPaths('ffi', [path]),
    fileURLToPath(new URL('./nvml_main.ts', import.meta.url)),
    path,
  ]);
  return {
    async sample() {
      const said = await child.ask(0) as NvmlSample & { error?: unknown };
      if (typeof said.error === 'string') throw new NexusError('ENERGY_UNREADABLE', said.error);
      return said;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
