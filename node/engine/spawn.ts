import { fileURLToPath } from 'node:url';
import { allowPaths, packagesFolder } from '../../feeds/base/mod.ts';

/** What lives long is large and native; the rest is young and small. Megabytes. */
const LEAN_V8 = '--v8-flags=--max-semi-space-size=2';
/** glibc keeps a pool a thread and what was freed; that is some 50 MB after a model was loaded. */
const LEAN_MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * Starts the engine process with the rights that it needs and no others: it reads the program, its
 * packages and the model folders, loads native code from the packages, and may start the Deno
 * binary, with which node-llama-cpp tries its own before loading it. No network, no writing.
 * @param roots folders of model files
 */
export function spawnEngine(roots: readonly string[]): Deno.ChildProcess {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  // Its binaries are its neighbours there.
  const packages = packagesFolder(fileURLToPath(import.meta.resolve('node-llama-cpp')));
  return new Deno.Command(Deno.execPath(), {
    args: [
      'run',
      '--quiet',
      '--no-prompt',
      '--no-remote',
      '--no-lock',
      LEAN_V8,
      allowPaths('read', [project, packages, ...systemFolders(), ...roots]),
      allowPaths('ffi', [packages]),
      '--allow-env',
      '--allow-sys',
      allowPaths('run', [Deno.execPath()]),
      fileURLToPath(new URL('./child.ts', import.meta.url)),
    ],
    env: { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1', ...LEAN_MALLOC },
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'piped',
  }).spawn();
}

/** Where node-llama-cpp looks for the C library and for GPU drivers; it refuses to start without. */
function systemFolders(): string[] {
  if (Deno.build.os === 'linux') {
    const libraries = (Deno.env.get('LD_LIBRARY_PATH') ?? '').split(':').filter(Boolean);
    const folders = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local', '/etc/os-release'];
    return [...folders, ...libraries];
  }
  if (Deno.build.os === 'windows') {
    return ['SystemRoot', 'ProgramFiles'].flatMap((name) => Deno.env.get(name) ?? []);
  }
  return [];
}
