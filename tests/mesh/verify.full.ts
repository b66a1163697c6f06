import t from 'tap';
import { Bench, longAnswer } from '../lib/nexus.ts';

t.setTimeout(600_000);

t.test('of an answer with a failover each executor’s part is checked', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const [asker, victim, spare] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
  ]);
  const mesh = ['--where', 'mesh', '--verify', '--executor'];
  const { args, tokens } = await longAnswer(bench, asker.home, [...mesh, spare.key]);
  const run = bench.start([...args, ...mesh, victim.key], asker.home);
  await run.waitFor((e) => e.event === 'token' && e.position > 40);
  victim.running.kill('SIGKILL');
  const { code } = await run.ended;
  t.equal(code, 0, run.stderr);
  const [lost, last, ...more] = run.events.filter((e) => e.event === 'verdict');
  t.same(more, []);
  t.match(lost, { attempt: 0, executor: victim.key, finding: 'ok', exact: true, mismatches: 0 });
  t.match(last, { attempt: 1, executor: spare.key, finding: 'ok', exact: true, mismatches: 0 });
  t.ok(lost!.positions >= 16, 'as far as it had signed');
  t.ok(lost!.positions + last!.positions > tokens - 16, 'and all of the rest');
});
