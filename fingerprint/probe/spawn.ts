import { fileURLToPath } from 'node:url';
import { allowPaths } from '../../feeds/base/mod.ts';

export interface SpawnOptions {
  /** Threads of a product; all that there are by default. */
  threads?: number;
  /** Measures against the machine's other work, not behind it: for benchmarks. */
  normalPriority?: boolean;
  /** A command that starts it: `taskset -c 0`. */
  wrapper?: readonly string[];
}

/**
 * Starts the probe with the rights that it needs: its threads are started from this folder's files,
 * it names its processor and lowers its own priority. No network, no environment, no writing, no
 * other program.
 */
export function spawnProbe(options: SpawnOptions = {}): Deno.ChildProcess {
  const { threads, normalPriority, wrapper = [] } = options;
  const project = fileURLToPath(new URL('../../', import.meta.url));
  const folders = ['fingerprint', 'feeds/base'].map((name) => project + name);
  const [program, ...args] = [
    ...wrapper,
    Deno.execPath(),
    'run',
    '--quiet',
    '--no-prompt',
    '--no-check',
    '--no-remote',
    '--no-lock',
    '--v8-flags=--max-semi-space-size=2',
    allowPaths('read', folders),
    '--allow-sys=cpus,setPriority',
    fileURLToPath(new URL('./child.ts', import.meta.url)),
    ...(threads === undefined ? [] : [`--threads=${threads}`]),
    ...(normalPriority ? ['--normal-priority'] : []),
  ];
  return new Deno.Command(program!, {
    args,
    env: { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'null',
  }).spawn();
}
