import { fileURLToPath } from 'node:url';

/** Heap and young space, megabytes: a proof of 2^13 constraints takes some 300 in all. */
const LEAN_V8 = '--v8-flags=--max-old-space-size=512,--max-semi-space-size=4';

/**
 * Starts the prover process with the rights that it needs and no others: it reads the program and its
 * packages and lowers its own priority. No network, no writing.
 */
export function spawnProver(): Deno.ChildProcess {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  const at = fileURLToPath(import.meta.resolve('snarkjs'));
  const marker = 'node_modules';
  const packages = at.slice(0, at.indexOf(marker) + marker.length);
  const reads = [project, packages].map((path) => path.replaceAll(',', ',,')).join(',');
  return new Deno.Command(Deno.execPath(), {
    args: [
      'run',
      '--quiet',
      '--no-prompt',
      '--no-remote',
      '--no-lock',
      LEAN_V8,
      `--allow-read=${reads}`,
      // Packages look through it as they load.
      '--allow-env',
      '--allow-sys=setPriority,cpus',
      fileURLToPath(new URL('./child.ts', import.meta.url)),
    ],
    env: { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1', MALLOC_ARENA_MAX: '1' },
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'piped',
  }).spawn();
}
