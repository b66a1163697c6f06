#!/usr/bin/env node
// Finds Deno, gives the command the permissions it needs, and stands aside. Takes `process` as it is
// there: importing it reads all its members, a tenth of this program's time.
// deno-lint-ignore-file no-process-global
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findDeno, isMusl } from './deno.mjs';
import { permissionsFor } from './permissions.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** Sent by a terminal to the whole group, or to this process alone: the program tells echoes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function fail(error) {
  process.stderr.write(`error: ${error.message}\n`);
  if (isMusl()) {
    process.stderr.write(
      '  hint: this system has musl; Deno needs glibc (Debian, Ubuntu, Fedora)\n',
    );
  }
  process.exit(1);
}

function launch() {
  const args = process.argv.slice(2);
  const deno = findDeno();
  const child = spawn(deno, [
    'run',
    '--quiet',
    '--no-prompt',
    '--no-lock',
    '--no-remote',
    '--no-check',
    // What a node keeps is small, what it drops is much: a young generation of 16 MB is for others.
    ...(args[0] === 'up' ? ['--v8-flags=--max-semi-space-size=2'] : []),
    `--config=${join(ROOT, 'deno.json')}`,
    ...permissionsFor(ROOT, args, deno),
    join(ROOT, 'node', 'cli', 'main.ts'),
    ...args,
  ], {
    stdio: 'inherit',
    env: {
      ...process.env,
      DENO_NO_UPDATE_CHECK: '1',
      NEXUS_LAUNCHER: String(process.pid),
      NEXUS_NODE: process.execPath,
    },
  });
  const handlers = SIGNALS.map((name) => [name, () => child.kill(name)]);
  for (const [name, handler] of handlers) process.on(name, handler);
  child.on('error', fail);
  child.on('exit', (code, signal) => {
    for (const [name, handler] of handlers) process.off(name, handler);
    if (signal === null) process.exit(code ?? 1);
    // Whoever started us sees the same end.
    process.kill(process.pid, signal);
  });
}

try {
  launch();
} catch (error) {
  fail(error);
}
