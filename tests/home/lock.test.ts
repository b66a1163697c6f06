import t from 'tap';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DENO } from '../lib/deno.ts';

const DRIVER = fileURLToPath(new URL('./lock-driver.ts', import.meta.url));

function start(home: string) {
  const child = spawn(DENO, ['run', '-A', '--no-prompt', DRIVER, home], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => JSON.parse(text));
  return { child, line };
}

t.test('one process is the node of a home, until it ends however it ends', async (t) => {
  const home = t.testdir();
  const first = start(home);
  t.match(await first.line, { owner: true });
  const second = start(home);
  t.match(await second.line, { owner: false, pid: first.child.pid, socket: /node\.sock$/ });
  second.child.stdin.end();
  await once(second.child, 'close');
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  const third = start(home);
  t.match(await third.line, { owner: true }, 'SIGKILL leaves no lock behind');
  third.child.stdin.write('release\n');
  await once(third.child.stdout, 'data');
  const fourth = start(home);
  t.match(await fourth.line, { owner: true }, 'a released lock is free while its process lives');
  for (const { child } of [third, fourth]) {
    child.stdin.end();
    await once(child, 'close');
  }
});
