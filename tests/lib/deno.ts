import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The Deno binary of the npm package. */
export const DENO = `${ROOT}node_modules/.bin/deno`;

/** What a finished process left. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a Deno program of the tests to its end, at most `timeoutMs`. */
export function runDeno(file: string, args: string[] = [], timeoutMs = 60_000): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(DENO, ['run', '-A', '--no-prompt', `${ROOT}${file}`, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let stdout = '', stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => stdout += text);
    child.stderr.setEncoding('utf8').on('data', (text) => stderr += text);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
