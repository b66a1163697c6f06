import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { messageOf, NexusError } from '../../feeds/base/mod.ts';

const KEPT_STDERR = 8192;
const KILL_AFTER_MS = 2000;

/** A `pip` is often a script around the real one: only their group ends both. */
const GROUPS = process.platform !== 'win32';

/** How a program ended. */
export interface CommandEnd {
  /** Exit status; null if a signal ended it. */
  code: number | null;
  /** The last 8 KiB of what it wrote on its standard error. */
  stderr: string;
}

export interface CommandOptions {
  env?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Called with each line of its standard output. */
  onLine?: (line: string) => void;
}

/**
 * Runs a program to its end. Its standard input stays open until then: a child of ours ends by
 * itself when its parent dies. Aborting terminates it and rejects with the signal's reason.
 * @throws {NexusError} `COMMAND_NOT_FOUND`, `COMMAND_FAILED` if it could not be started
 */
export async function runCommand(
  program: string,
  args: string[],
  options: CommandOptions = {},
): Promise<CommandEnd> {
  const { signal } = options;
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    detached: GROUPS,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_STDERR);
  });
  createInterface({ input: child.stdout }).on('line', (line) => options.onLine?.(line));
  child.stdin.on('error', () => {});
  let force: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    terminate(child, 'SIGTERM');
    force = setTimeout(() => terminate(child, 'SIGKILL'), KILL_AFTER_MS);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause: Error & { code?: string }) => {
        const missing = cause.code === 'ENOENT';
        reject(
          new NexusError(
            missing ? 'COMMAND_NOT_FOUND' : 'COMMAND_FAILED',
            missing ? `there is no ${program} on this machine` : messageOf(cause),
            { cause },
          ),
        );
      });
      child.once('close', resolve);
    });
    signal?.throwIfAborted();
    return { code, stderr };
  } finally {
    clearTimeout(force);
    signal?.removeEventListener('abort', stop);
    child.stdin.end();
  }
}

function terminate(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (GROUPS) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch { /* it ended before */ }
}
