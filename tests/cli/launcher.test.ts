import t from 'tap';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LAUNCHER = join(ROOT, 'bin/nexus.mjs');

function nexus(args: string[], options: { env?: Record<string, string>; input?: string } = {}) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [LAUNCHER, ...args], {
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    timeout: 60_000,
  });
  return { status, signal, stdout, stderr };
}

t.test('version, help and wrong usage', (t) => {
  t.match(nexus(['--version']), { status: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' });
  t.match(nexus([]), { status: 0, stdout: /usage: nexus <command>/ });
  t.match(nexus(['help', 'invite']), { status: 0, stdout: /nexus invite revoke/ });
  t.match(nexus(['netwrok']), { status: 2, stdout: '', stderr: /did you mean nexus network\?/ });
  const json = nexus(['members', '--json', '--modle']);
  t.match(json, { status: 2 });
  t.match(JSON.parse(json.stdout), { event: 'error', code: 'USAGE' });
  t.end();
});

t.test('a full disk is told as one', { skip: !existsSync('/dev/full') }, (t) => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [LAUNCHER, '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  t.equal(status, 1);
  t.match(stderr, /cannot be written OUTPUT_FAILED\n(.|\n)*hint:/);
  t.end();
});

t.test('a home of its own, named by flag or variable', (t) => {
  const dir = t.testdir();
  const [a, b] = [join(dir, 'a'), join(dir, 'b, c')];
  const first = nexus(['id'], { env: { NEXUS_HOME: a } });
  t.match(first, { status: 0, stdout: /^[0-9a-f]{64}\n$/, stderr: '' });
  t.equal(nexus(['id', '--home', a]).stdout, first.stdout);
  t.not(nexus(['id', `--home=${b}`]).stdout, first.stdout);
  t.match(nexus(['init', '--where', 'local', '--home', b, '--json']), {
    status: 0,
    stdout: /"where":"local","privateWhere":"any"/,
  });
  t.end();
});

t.test('a file command may neither leave its home nor start programs', (t) => {
  const home = t.testdir();
  const outside = nexus(['invite', '--home', home, '--network', '/etc/hostname']);
  t.match(outside, { status: 1, stderr: /Requires read access/ });
  t.end();
});

t.test('stdin reaches the program, and a reader that leaves ends it quietly', async (t) => {
  const home = t.testdir();
  t.match(nexus(['join', '--home', home], { input: 'nexus1:AAAA\n' }), {
    status: 1,
    stderr: /no invite: it is too short/,
  });
  const child = spawn(process.execPath, [LAUNCHER, 'network', 'show', '--home', home], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => stderr += text);
  const [code] = await once(child, 'close');
  t.equal(code, 0);
  t.notMatch(stderr, /error/);
});

t.test('Ctrl-C, SIGTERM and the death of the launcher end the program', async (t) => {
  const start = async (signal: NodeJS.Signals, group: boolean) => {
    // Waits for a token on stdin that does not come.
    const child = spawn(process.execPath, [LAUNCHER, 'join', '--verbose', '--home', t.testdir()], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    await once(child.stderr, 'data');
    process.kill(group ? -child.pid! : child.pid!, signal);
    // The pipes close when the last process that holds them has ended.
    const [code, killed] = await once(child, 'close');
    return [code, killed];
  };
  t.same(await start('SIGINT', true), [130, null], 'from a terminal: both get it');
  t.same(await start('SIGINT', false), [130, null]);
  t.same(await start('SIGTERM', false), [130, null]);
  t.same(await start('SIGKILL', false), [null, 'SIGKILL'], 'no orphan keeps the pipes');
});

t.test('the Deno binary is found where install scripts did not run', (t) => {
  // Outside this folder, where Node would find its node_modules.
  const dir = mkdtempSync(join(tmpdir(), 'nexus-test-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'node_modules/@deno'), { recursive: true });
  cpSync(join(ROOT, 'bin'), join(dir, 'bin'), { recursive: true });
  mkdirSync(join(dir, 'node'));
  cpSync(join(ROOT, 'node/home'), join(dir, 'node/home'), { recursive: true });
  const find = `import('${join(dir, 'bin/deno.mjs')}').then((m) => console.log(m.findDeno()))`;
  const run = () => spawnSync(process.execPath, ['-e', find], { encoding: 'utf8' });
  t.match(run(), { status: 1, stderr: /npm ci/ });
  const name = `@deno/${process.platform}-${process.arch}${
    process.platform === 'linux' ? '-glibc' : ''
  }`;
  symlinkSync(join(ROOT, 'node_modules', name), join(dir, 'node_modules', name));
  t.match(run(), { status: 0, stdout: /deno(\.exe)?\n$/ });
  t.end();
});
