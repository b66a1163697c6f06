import t from 'tap';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DENO } from '../lib/deno.ts';
import { Running } from '../lib/nexus.ts';

const DRIVER = fileURLToPath(new URL('./owner-driver.ts', import.meta.url));

/** Runs a command to its end. */
async function nexus(home: string, ...args: string[]) {
  const running = new Running(args, home);
  const { code } = await running.ended;
  return { code, out: running.stdout, err: running.stderr, events: running.events };
}

t.test('a machine enters a private network with a token, over a real DHT', async (t) => {
  const dir = t.testdir({ desk: {}, laptop: {}, phone: {} });
  const [desk, laptop, phone] = ['desk', 'laptop', 'phone'].map((name) => join(dir, name));
  t.match(await nexus(desk!, 'network', 'new', 'home', '--machine', 'desk'), { code: 0 });

  const owner = spawn(DENO, ['run', '-A', '--no-prompt', DRIVER, desk!, 'home'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => owner.kill('SIGKILL'));
  const said = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
  const { bootstrap } = JSON.parse((await said.next()).value!);

  const invite = await nexus(desk!, 'invite', '--bootstrap', bootstrap);
  t.match(invite.out, /^nexus1:[\w-]+\n$/, 'a pipe gets the token and nothing else');
  t.match(invite.err, /For one machine/);
  const token = invite.out.trim();

  const local = ['--host', '127.0.0.1'];
  const joined = await nexus(laptop!, 'join', token, ...local, '--machine', 'laptop', '--json');
  t.match(joined, { code: 0, events: [{ event: 'joined', name: 'home', members: 2 }] });
  const told = JSON.parse((await said.next()).value!);
  t.same([told.event, told.names.sort()], ['members', ['desk', 'laptop']], 'in the order of keys');
  const { events } = await nexus(laptop!, 'members', '--json');
  t.equal(events.length, 2);
  t.equal(events.find((one) => one.owner)?.name, 'desk');
  t.equal(events.find((one) => one.self)?.name, 'laptop');

  const late = await nexus(phone!, 'join', token, ...local, '--json');
  t.match(late, {
    code: 1,
    events: [{ event: 'error', code: 'INVITE_USED', hint: /nexus invite/ }],
  });
  t.match(JSON.parse((await said.next()).value!), { event: 'refused', code: 'INVITE_USED' });

  owner.stdin.end();
  await once(owner, 'close');
  const left = await nexus(laptop!, 'leave');
  t.match(left, { code: 0, err: /main is chosen; prompts run: local/ });
});
