import t from 'tap';
import { Bench, type Event, longAnswer, type Node, textOf } from '../lib/nexus.ts';

type Test = Parameters<Parameters<typeof t.test>[0]>[0];

const EXECUTOR = ['-m', 'austen-3.7m'];
const MESH = ['--where', 'mesh', '--executor'];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('the answer goes on when the executor is lost in the middle of it', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const [asker, spare, victim, second] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester']),
    bench.up(bootstrap, EXECUTOR),
    bench.up(bootstrap, EXECUTOR),
    bench.up(bootstrap, EXECUTOR),
  ]);
  const { args, text } = await longAnswer(bench, asker.home, [...MESH, spare.key]);

  let again = second;
  const jobs: { job: string; lost: string }[] = [];
  const ask = async (t: Test, node: Node, strike: () => void) => {
    const run = bench.start([...args, ...MESH, node.key], asker.home);
    await run.waitFor((e) => e.event === 'token');
    strike();
    const { code } = await run.ended;
    t.equal(code, 0, run.stderr);
    const events: Event[] = run.events;
    t.equal(events.find((e) => e.event === 'route')!.executor, node.key);
    const failover = events.find((e) => e.event === 'failover');
    t.equal(failover?.from, node.key, 'the failover is told');
    t.match(failover?.cause, { code: /^[A-Z_]+$/, peer: node.key, stage: 'decode' });
    t.equal(textOf(events), text, 'no gap, no repeat, the same words');
    const done = events.at(-1)!;
    t.equal(done.event, 'done');
    t.equal(done.text, text);
    t.not(done.executor, node.key, 'another one goes on');
    jobs.push({ job: done.job, lost: node.key });
  };
  /** Waits until the asker has lost a node and has it again. */
  const back = async (node: Node, from: number) => {
    const { running } = asker;
    const about = (event: string) => (e: Event) => e.event === event && e.key === node.key;
    const lost = await running.waitFor(about('peer-lost'), 30_000, from);
    await running.waitFor(about('capability'), 30_000, running.events.indexOf(lost));
  };

  await t.test('its engine is killed', async (t) => {
    await ask(t, victim, () => process.kill(victim.pids.engine, 'SIGKILL'));
    await victim.running.waitFor((e) => e.event === 'engine-lost');
  });

  await t.test('its feeds service is killed', async (t) => {
    const from = asker.running.events.length;
    await ask(t, victim, () => process.kill(victim.pids.feeds, 'SIGKILL'));
    await back(victim, from);
  });

  await t.test('its node process is killed', async (t) => {
    await ask(t, victim, () => process.kill(victim.pids.node, 'SIGKILL'));
    await victim.running.ended;
  });

  await t.test('its group is killed', async (t) => {
    const from = asker.running.events.length;
    await ask(t, second, () => second.running.kill('SIGKILL'));
    again = await bench.up(bootstrap, EXECUTOR, second.home);
    await back(second, from);
  });

  await t.test('the logs of the asker and its peers tell all of it', async (t) => {
    const audit = await bench.run(['audit', '--json'], asker.home);
    t.equal(audit.code, 0, audit.stdout + audit.stderr);
    for (const { job, lost } of jobs) {
      const told = audit.events.find((e) => e.event === 'job' && e.job === job)!;
      t.equal(told?.state, 'done');
      t.equal(told.attempts[0].executor, lost);
      t.equal(told.attempts[0].state, 'failed');
      t.equal(told.attempts.at(-1).resumeAt, told.attempts[0].tokens);
    }
    t.equal(audit.events.at(-1)!.findings, 0);
  });

  await t.test('it stalls', async (t) => {
    const { running } = again;
    await ask(t, second, () => running.kill('SIGSTOP'));
    running.kill('SIGKILL');
  });

  // What the asker itself loses it starts again, and the answer goes on.
  for (const part of ['engine', 'feeds'] as const) {
    await t.test(`the asker loses its own ${part} process`, async (t) => {
      const run = bench.start([...args, ...MESH, spare.key], asker.home);
      await run.waitFor((e) => e.event === 'token');
      process.kill(asker.pids[part], 'SIGKILL');
      const { code } = await run.ended;
      t.equal(code, 0, run.stderr);
      t.equal(textOf(run.events), text);
      t.strictSame(run.events.at(-1)!.warnings, []);
    });
  }

  await t.test('it is asked while its feeds process is away', async (t) => {
    const { running } = asker;
    const is = (up: boolean) => (e: Event) => e.event === 'feeds' && (e.state === 'up') === up;
    const from = Math.max(0, running.events.findLastIndex(is(false)));
    const up = await running.waitFor(is(true), 30_000, from);
    process.kill(Number(up.detail.replace('process ', '')), 'SIGKILL');
    await running.waitFor(is(false), 30_000, running.events.indexOf(up));
    const { code, stderr, events } = await bench.run([...args, ...MESH, spare.key], asker.home);
    t.equal(code, 0, stderr);
    t.equal(textOf(events), text);
  });

  await t.test('the log of the asker is whole after all that', async (t) => {
    const audit = await bench.run(['audit', '--json'], asker.home);
    t.equal(audit.code, 0, audit.stdout + audit.stderr);
  });
});
