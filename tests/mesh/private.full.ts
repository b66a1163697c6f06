import t from 'tap';
import { Bench } from '../lib/nexus.ts';

const PROMPT = ['run', '-m', 'austen-3.7m', '-n', '20', '--json', 'My dear sister,'];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test("one's own machines: a network, an invite, and the other one answers", async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const env = { NEXUS_BOOTSTRAP: bootstrap, NEXUS_HOST: bench.host };
  const [desktop, laptop, stranger] = [bench.home(), bench.home(), bench.home()];
  const nexus = (home: string, ...args: string[]) => bench.run(args, home, '', env);

  const made = await nexus(desktop, 'network', 'new', 'home', '--machine', 'desktop');
  t.equal(made.code, 0, made.stderr);
  const up = await bench.up(bootstrap, ['-m', 'austen-3.7m'], desktop);
  t.equal(up.ready.network, 'home');

  const invite = await nexus(desktop, 'invite', '--json');
  t.equal(invite.code, 0, invite.stderr);
  const { token } = invite.events.at(-1)!;
  t.match(token, /^nexus1:/);
  const joined = await nexus(laptop, 'join', token, '--machine', 'laptop');
  t.equal(joined.code, 0, joined.stderr);

  await t.test('a prompt goes to the other machine, without a flag', async (t) => {
    const run = await nexus(laptop, ...PROMPT);
    t.equal(run.code, 0, run.stderr);
    t.equal(run.events.at(-1)!.executor, up.key);
    const members = await nexus(laptop, 'members', '--json');
    t.strictSame(members.events.map(({ name }) => name).sort(), ['desktop', 'laptop']);
  });

  await t.test('a token holds for one machine, and not when it was revoked', async (t) => {
    const again = await nexus(stranger, 'join', token, '--json');
    t.equal(again.code, 1);
    t.match(again.events.at(-1), { event: 'error', code: /^INVITE_/ });
    const second = await nexus(desktop, 'invite', '--json');
    const { id, token: revoked } = second.events.at(-1)!;
    t.equal((await nexus(desktop, 'invite', 'revoke', id)).code, 0);
    const refused = await nexus(stranger, 'join', revoked, '--json');
    t.equal(refused.code, 1);
    t.match(refused.events.at(-1), { event: 'error', code: 'INVITE_REVOKED' });
  });

  await t.test('who was taken out is refused, and both sides are told', async (t) => {
    const guest = await bench.up(bootstrap, ['--role', 'requester'], laptop);
    await guest.running.waitFor((e) => e.event === 'capability' && e.key === up.key);
    const removed = await nexus(desktop, 'members', 'remove', 'laptop');
    t.equal(removed.code, 0, removed.stderr);
    await guest.running.waitFor((e) => e.event === 'peer-lost' && e.key === up.key);
    const told = await guest.running.waitFor((e) => e.event === 'refused');
    t.equal(told.byUs, false);
    t.match(told.message, /member/i);
    const here = await up.running.waitFor((e) => e.event === 'refused' && e.peer === guest.key);
    t.equal(here.byUs, true);
    t.match(here.message, /member/i);
    const run = await nexus(laptop, ...PROMPT, '--where', 'mesh');
    t.equal(run.code, 3, run.stderr);
    t.equal(run.events.at(-1)!.code, 'NOBODY_REACHABLE');
    t.equal((await guest.running.stop()).code, 0);
  });

  t.equal((await up.running.stop()).code, 0);
});
