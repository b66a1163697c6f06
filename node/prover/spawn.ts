import { fileURLToPath } from 'node:url';
import { allowPaths, packagesFolder } from '../../feeds/base/mod.ts';

/** Heap and young space, megabytes: a proof of 2^13 constraints takes some 300 in all. */
const LEAN_V8 = '--v8-flags=--max-old-space-size=512,--max-semi-space-size=4';
/** What Deno itself looks for: its cache, and on Windows the system. Tokens and keys may be beside it. */
const ENV = [
  'DENO_DIR',
  'HOME',
  'XDG_CACHE_HOME',
  'TMPDIR',
  'SystemRoot',
  'USERPROFILE',
  'LOCALAPPDATA',
  'TMP',
  'TEMP',
];

/**
 * Starts the prover process with the rights that it needs and no others: it reads the program and its
 * packages and lowers its own priority. No network, no writing, nothing of the node's environment.
 * @param keys folder of keys that networks made for themselves, which it may read too
 */
export function spawnProver(keys: string | null): Deno.ChildProcess {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  const packages = packagesFolder(fileURLToPath(import.meta.resolve('snarkjs')));
  return new Deno.Command(Deno.execPath(), {
    args: [
      'run',
      '--quiet',
      '--no-prompt',
      '--no-remote',
      '--no-lock',
      LEAN_V8,
      allowPaths('read', [project, packages, ...(keys === null ? [] : [keys])]),
      // Packages look through it as they load.
      '--allow-env',
      '--allow-sys=setPriority,cpus',
      fileURLToPath(new URL('./child.ts', import.meta.url)),
      ...(keys === null ? [] : [keys]),
    ],
    clearEnv: true,
    env: proverEnvironment((name) => Deno.env.get(name)),
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'piped',
  }).spawn();
}

/** The whole environment of the process. @param get a variable of this one */
export function proverEnvironment(
  get: (name: string) => string | undefined,
): Record<string, string> {
  const kept = ENV.flatMap((name) => {
    const value = get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const own = { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1', MALLOC_ARENA_MAX: '1' };
  return { ...Object.fromEntries(kept), ...own };
}
