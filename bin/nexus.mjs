#!/usr/bin/env node
// Finds Deno, gives the command the permissions it needs, and stands aside. Takes `process` as it is
// there: importing it reads all its members, a tenth of this program's time.
// deno-lint-ignore-file no-process-global
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findDeno, isMusl } from './deno.mjs';
import { permissionsFor } from './permissions.mjs';
import { v8For } from './v8.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** Sent by a terminal to the whole group, or to this process alone: the program tells echoes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** glibc keeps a pool a thread and what was freed. */
const LEAN_MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };

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
  const stays = args[0] === 'up' || args[0] === 'tui';
  const deno = findDeno();
  const child = spawn(deno, [
    'run',
    '--quiet',
    '--no-prompt',
    '--no-lock',
    '--no-remote',
    '--no-check',
    ...v8For(args[0] ?? ''),
    `--config=${join(ROOT, 'deno.json')}`,
    ...permissionsFor(ROOT, args, deno),
    join(ROOT, 'node', 'cli', 'main.ts'),
    ...args,
  ], {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(stays ? LEAN_MALLOC : {}),
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
