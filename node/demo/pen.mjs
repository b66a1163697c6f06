// Keeps the processes of a demonstration: each in a group of its own, so that all of one can be
// killed at once; and ends them all, and removes their folder, as soon as its stdin closes, for
// whatever reason. Plain JavaScript for Node: Deno may not signal groups without all permissions.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';

const [folder] = process.argv.slice(2);
const groups = new Map();

/** What a terminal sends to the whole group is for the program that owns this one. */
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});

function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function start({ name, args, env }) {
  const child = spawn(process.execPath, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  groups.set(name, child);
  createInterface({ input: child.stdout }).on('line', (line) => tell({ name, line }));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => said = (said + text).slice(-2000));
  child.on('error', (error) => tell({ name, ended: error.message }));
  child.on('exit', (code, signal) => {
    tell({ name, ended: said.trim() || `exit ${code ?? signal}` });
  });
}

function kill(name) {
  const { pid } = groups.get(name);
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended before.
  }
}

function end() {
  for (const name of groups.keys()) kill(name);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  process.exit(0);
}

const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  const command = JSON.parse(line);
  if (command.start !== undefined) start(command.start);
  if (command.kill !== undefined) kill(command.kill);
});
commands.on('close', end);
process.stdout.on('error', () => {});
