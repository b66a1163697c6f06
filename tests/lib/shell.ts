import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './docs.ts';

/** A line of a shell block: the command, and the remark behind it. */
export interface Line {
  command: string;
  remark: string;
}

/** The commands of a block, without empty lines; a backslash at the end of a line goes on. */
export function linesOf(text: string): Line[] {
  return text.replace(/\\\n\s*/g, '').split('\n').filter((line) => line.trim() !== '').map(
    (line) => {
      const [, command = '', remark = ''] = /^(.*?)(?:\s+#\s+(.*))?$/.exec(line)!;
      return { command: command.trim(), remark };
    },
  );
}

/** A folder with `nexus` and `npx nexus` of this repository as programs. */
export function programs(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const launch = `exec '${process.execPath}' '${ROOT}bin/nexus.mjs' "$@"`;
  writeFileSync(join(bin, 'nexus'), `#!/bin/sh\n${launch}\n`);
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\n[ "$1" = nexus ] || exit 127\nshift\n${launch}\n`);
  for (const name of ['nexus', 'npx']) chmodSync(join(bin, name), 0o755);
  return bin;
}

/** Runs a command as a shell does. */
export function shell(
  command: string,
  options: { cwd: string; env: Record<string, string>; timeout?: number },
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { cwd, env, timeout = 60_000 } = options;
  return new Promise((resolve) => {
    const child = execFile(
      'sh',
      ['-c', command],
      { cwd, timeout, env: { ...process.env, NO_COLOR: '1', ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}
