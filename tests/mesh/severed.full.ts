import t from 'tap';
import { Bench, longAnswer, textOf } from '../lib/nexus.ts';
import { Netns } from '../lib/netns.ts';

const EXECUTOR = ['-m', 'austen-3.7m'];
const MESH = ['--where', 'mesh', '--executor'];
const why = Netns.why();

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('the line is cut in the middle of an answer', { skip: why ?? false }, async (t) => {
  const net = await Netns.make();
  const bench = new Bench(net.through);
  t.teardown(async () => {
    await bench.end();
    net.end();
  });
  const cut = '127.3.3.3';
  const bootstrap = await bench.dht();
  const [asker, spare, victim] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester']),
    bench.up(bootstrap, EXECUTOR),
    bench.up(bootstrap, EXECUTOR, bench.home(), cut),
  ]);
  const { args, text } = await longAnswer(bench, asker.home, [...MESH, spare.key]);

  await t.test('another node goes on with it', async (t) => {
    const run = bench.start([...args, ...MESH, victim.key], asker.home);
    await run.waitFor((e) => e.event === 'token');
    net.sever(cut);
    const { code } = await run.ended;
    t.equal(code, 0, run.stderr);
    const failover = run.events.find((e) => e.event === 'failover');
    t.equal(failover?.from, victim.key);
    t.match(failover?.cause, { code: /^[A-Z_]+$/, peer: victim.key, stage: 'decode' });
    t.equal(textOf(run.events), text, 'no gap, no repeat, the same words');
    t.equal(run.events.at(-1)!.executor, spare.key);
  });

  await t.test('who was cut off ends the job, and both are told', async (t) => {
    const ended = await victim.running.waitFor((e) => e.event === 'job-finished');
    t.equal(ended.finish, 'error');
    for (const [node, lost] of [[asker, victim], [victim, asker]] as const) {
      await node.running.waitFor((e) => e.event === 'peer-lost' && e.key === lost.key);
    }
    t.notOk(victim.running.events.some((e) => e.event === 'stopping'), 'it runs on');
  });

  await t.test('the line is back: they meet again, and it works', async (t) => {
    const { events } = asker.running;
    const lost = events.findLastIndex((e) => e.event === 'peer-lost' && e.key === victim.key);
    net.heal(cut);
    await asker.running.waitFor(
      (e) => e.event === 'capability' && e.key === victim.key,
      60_000,
      lost,
    );
    const run = await bench.run([...args, ...MESH, victim.key], asker.home);
    t.equal(run.code, 0, run.stderr);
    t.equal(run.events.at(-1)!.executor, victim.key);
    t.equal(run.events.at(-1)!.text, text);
    const audit = await bench.run(['audit', '--json'], asker.home);
    t.equal(audit.code, 0, audit.stdout + audit.stderr);
  });
});

t.test('there is no network at all: said at once', { skip: why ?? false }, async (t) => {
  const net = await Netns.make({ bare: true });
  const bench = new Bench(net.through);
  t.teardown(async () => {
    await bench.end();
    net.end();
  });

  await t.test('by a node', async (t) => {
    const up = bench.start(['up', '--json', ...EXECUTOR], bench.home());
    const ready = await up.waitFor((e) => e.event === 'ready');
    t.equal(ready.announced, false);
    const told = up.events.find((e) => e.event === 'network')!;
    t.match(told, { state: 'offline', detail: /no network/ });
    t.equal((await up.stop()).code, 0);
    t.match(up.stderr, /cannot find this node yet: this machine has no network/);
  });

  await t.test('by who asks', async (t) => {
    const ask = ['run', ...EXECUTOR, '-n', '8', '--json', '--where'];
    const run = await bench.run([...ask, 'mesh', 'Hello'], bench.home());
    t.equal(run.code, 3, run.stderr);
    t.match(run.events.at(-1), { event: 'error', code: 'NOBODY_REACHABLE', stage: 'bootstrap' });
    t.match(run.events.at(-1)!.message, /this machine has no network/);
    const local = await bench.run([...ask, 'any', 'Hello'], bench.home());
    t.equal(local.code, 0, local.stderr);
    t.equal(local.events.find((e) => e.event === 'route')!.where, 'local');
  });
});
