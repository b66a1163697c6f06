import t from 'tap';
import { Bench, type Event } from '../lib/nexus.ts';
import { worldOf } from './verifying.ts';

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('an answer is checked by another node, which tells a lie from the truth', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const { asker, honest, cheat, ask, forgive } = await worldOf(bench);

  await t.test('an honest answer is ok, whoever made it', async (t) => {
    for (const [executor, auditor] of [[honest, cheat], [cheat, honest]] as const) {
      const { code, stderr, verdicts, done, events } = await ask(executor.key);
      t.equal(code, 0, stderr);
      t.equal(events.at(-1)!.event, 'verdict', 'the answer is whole before');
      t.match(verdicts, [{
        job: done.job,
        executor: executor.key,
        auditor: auditor.key,
        by: 'peer',
        finding: 'ok',
        positions: done.outputTokens,
        mismatches: 0,
        exact: true,
      }]);
    }
  });

  await t.test('other weights: exit code 4', async (t) => {
    await cheat.lie({ weights: true });
    const { code, stderr, verdicts } = await ask(cheat.key);
    t.equal(code, 4, stderr);
    t.match(verdicts, [{ finding: 'trigger', executor: cheat.key, auditor: honest.key }]);
    await forgive();
  });

  await t.test('another seed: exit code 4, and no more work for it', async (t) => {
    await cheat.lie({ wrongSeed: true });
    const { code, stderr, verdicts, done } = await ask(cheat.key);
    t.equal(code, 4, stderr);
    t.match(stderr, /does not hold/);
    t.match(verdicts, [{ finding: 'trigger', reasons: [{ kind: 'exact' }] }]);
    const again = await ask();
    t.equal(again.code, 0, again.stderr);
    t.equal(again.done.executor, honest.key, 'another one is asked now');
    t.match(again.verdicts, [{ finding: 'ok', by: 'self', auditor: asker.key }], 'nobody is left');
    const { candidates } = again.events.find((e) => e.event === 'route') as Event;
    const refused = candidates.find((c: Event) => c.executor === cheat.key)?.refused;
    t.equal(refused?.code, 'DISTRUSTED', 'and why is recorded');
    const avoided = await bench.run(['peers', 'avoided', '--json'], asker.home);
    t.match(avoided.events, [{ event: 'avoided', key: cheat.key, job: done.job, count: 1 }]);
  });

  await t.test('what was found stands with the jobs, also when no node runs', async (t) => {
    const told = await bench.run(['jobs', '--json'], asker.home);
    t.match(told.events.map((e) => [e.state, e.verdicts.map((v: Event) => v.finding)]), [
      ['done', ['ok']],
      ['done', ['trigger']],
      ['done', ['trigger']],
      ['done', ['ok']],
      ['done', ['ok']],
    ]);
    await asker.running.stop();
    const alone = await bench.run(['jobs', '--json'], asker.home);
    t.same(alone.events, told.events, alone.stderr);
    const one = await bench.run(['jobs', told.events[1]!.job.slice(0, 8)], asker.home);
    t.match(one.stdout, `attempt 0 ${cheat.key}`);
    t.match(one.stdout, /does not hold/);
  });
});
