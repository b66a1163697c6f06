import t from 'tap';
import { Bench, type Event, type Node, textOf } from '../lib/nexus.ts';

const SEED = ['--seed', 'cd'.repeat(32)];
const ASK = [
  'run',
  'She had been a little too well pleased',
  '-m',
  'austen-3.7m',
  '-n',
  '400',
  ...SEED,
];

/** Ways to lose an executor in mid-answer; `undo` lets the process be stopped in the end. */
const FAULTS: Record<string, (node: Node) => void> = {
  'its group is killed': (node) => node.running.kill('SIGKILL'),
  'its engine is killed': (node) => process.kill(node.pids.engine, 'SIGKILL'),
  'its feeds service is killed': (node) => process.kill(node.pids.feeds, 'SIGKILL'),
  'its node process is killed': (node) => process.kill(node.pids.node, 'SIGKILL'),
  'it stalls': (node) => node.running.kill('SIGSTOP'),
};

t.test('the answer goes on when the executor is lost in the middle of it', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const asker = await bench.up(bootstrap, ['--role', 'requester']);
  const spare = await bench.up(bootstrap, ['-m', 'austen-3.7m']);
  const undisturbed = await bench.run([...ASK, '--where', 'mesh', '--json'], asker.home);
  t.equal(undisturbed.code, 0, undisturbed.stderr);
  const text = undisturbed.events.at(-1)!.text;
  t.equal(undisturbed.events.at(-1)!.executor, spare.key);

  for (const [fault, strike] of Object.entries(FAULTS)) {
    await t.test(fault, async (t) => {
      const victim = await bench.up(bootstrap, ['-m', 'austen-3.7m', '--price', '0']);
      const args = [...ASK, '--where', 'mesh', '--json', '--executor', victim.key];
      const run = bench.start(args, asker.home);
      await run.waitFor((e) => e.event === 'token');
      run.pauseReading();
      strike(victim);
      run.resumeReading();
      const { code } = await run.ended;
      t.equal(code, 0, run.stderr);
      const events: Event[] = run.events;
      t.equal(events.find((e) => e.event === 'route')!.executor, victim.key);
      const failover = events.find((e) => e.event === 'failover');
      t.ok(failover, 'the failover is told');
      t.equal(failover?.from, victim.key);
      t.equal(textOf(events), text, 'no gap, no repeat, the same words');
      t.equal(events.at(-1)!.text, text);
      if (fault === 'it stalls') victim.running.kill('SIGCONT');
      await victim.running.stop();
    });
  }
});
