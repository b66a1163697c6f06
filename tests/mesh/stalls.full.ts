import t from 'tap';
import { Bench, longAnswer, textOf } from '../lib/nexus.ts';

const EXECUTOR = ['-m', 'austen-3.7m'];
const MESH = ['--where', 'mesh', '--executor'];
const KILLS = 6;

t.setTimeout(600_000);

t.test('each process of an executor alone stalls; executors are killed again and again', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const [asker, spare] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester']),
    bench.up(bootstrap, EXECUTOR),
  ]);
  const { args, text } = await longAnswer(bench, asker.home, [...MESH, spare.key]);

  const lose = async (name: string, strike: 'group' | 'node' | 'feeds' | 'engine') => {
    await t.test(name, async (t) => {
      const victim = await bench.up(bootstrap, EXECUTOR);
      const about = { event: 'capability', key: victim.key };
      await asker.running.waitFor((e) => e.event === about.event && e.key === about.key);
      const run = bench.start([...args, ...MESH, victim.key], asker.home);
      await run.waitFor((e) => e.event === 'token');
      if (strike === 'group') victim.running.kill('SIGKILL');
      else process.kill(victim.pids[strike], 'SIGSTOP');
      const { code } = await run.ended;
      t.equal(code, 0, run.stderr);
      t.equal(run.events.find((e) => e.event === 'failover')?.from, victim.key);
      t.equal(textOf(run.events), text, 'no gap, no repeat, the same words');
      victim.running.kill('SIGKILL');
      await victim.running.ended;
    });
  };
  // A stopped feeds service is a line that carries nothing any more, and says nothing of it.
  await lose('its feeds service stalls', 'feeds');
  await lose('its node process stalls', 'node');
  await lose('its engine stalls', 'engine');
  for (let i = 1; i <= KILLS; i++) await lose(`kill ${i} of ${KILLS}`, 'group');

  const audit = await bench.run(['audit', '--json'], asker.home);
  t.equal(audit.code, 0, audit.stdout + audit.stderr);
});
