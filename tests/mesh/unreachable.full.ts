import t from 'tap';
import { createSocket } from 'node:dgram';
import { Bench } from '../lib/nexus.ts';

/** Longer than until it is tried again twice. */
const RETRIED_MS = 14_000;
const ASK = ['run', '-m', 'austen-3.7m', '-n', '8', '--json', '--where'];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('nobody can be reached', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const flags = (to: string) => ['--host', bench.host, '--bootstrap', to];

  await t.test('nobody is there: exit 3, soon, with the reason', async (t) => {
    const from = performance.now();
    const run = await bench.run([...ASK, 'mesh', 'Hello', ...flags(bootstrap)], bench.home());
    t.equal(run.code, 3, run.stderr);
    t.match(run.events.at(-1), { event: 'error', code: 'NOBODY_REACHABLE' });
    t.match(run.stderr, /no peer|no node|nobody/);
    t.match(run.stderr, /hint:/);
    t.ok(performance.now() - from < 25_000);
  });

  await t.test('the DHT does not answer: that is another message', async (t) => {
    // A port that is taken by somebody who never answers.
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, bench.host, resolve));
    t.teardown(() => silent.close());
    const dead = `${bench.host}:${silent.address().port}`;
    const up = bench.start(
      ['up', '--json', '-m', 'austen-3.7m', ...flags(dead)],
      bench.home(),
    );
    const ready = await up.waitFor((e) => e.event === 'ready');
    t.equal(ready.announced, false, 'ready says that nobody can find it');
    const told = up.events.find((e) => e.event === 'network')!;
    t.match(told, { state: 'offline', detail: /the DHT is unreachable.*UDP/ });
    const service = up.events.find((e) => e.event === 'feeds')!;
    t.ok(told.at - service.at < 4000, 'said at once');
    const run = await bench.run([...ASK, 'mesh', 'Hello', ...flags(dead)], bench.home());
    t.equal(run.code, 3, run.stderr);
    t.match(run.stderr, /DHT/);
    await new Promise((resolve) => setTimeout(resolve, RETRIED_MS));
    t.equal(up.events.filter((e) => e.event === 'network').length, 1, 'and said once');
    t.equal((await up.stop()).code, 0);
  });

  await t.test('any: answered here when nobody else does', async (t) => {
    const run = await bench.run([...ASK, 'any', 'Hello', ...flags(bootstrap)], bench.home());
    t.equal(run.code, 0, run.stderr);
    t.equal(run.events.find((e) => e.event === 'route')!.where, 'local');
  });
});
