import t from 'tap';
import { auditedHomes, calibrated, trustOf } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';

const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '40'];
const AUDITOR = ['-m', 'austen-3.7m', '--role', 'executor,requester,auditor,witness'];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('auditors that nobody chose read the answers once more', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 4, 3);
  const [asker, one, two, cheat] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    bench.up(bootstrap, AUDITOR, homes[1]),
    bench.up(bootstrap, AUDITOR, homes[2]),
    bench.cheat(bootstrap, [], homes[3]),
  ]);
  const ask = async (...executor: Node[]) => {
    const first = executor.flatMap(({ key }) => ['--executor', key]);
    const args = [...RUN, '--where', 'mesh', ...first, '--json'];
    const { code, stderr, events } = await bench.run(args, asker.home);
    t.equal(code, 0, stderr);
    return events.find((e) => e.event === 'done')!;
  };
  const verdictOn = (job: string) =>
    asker.running.waitFor((e) => e.event === 'audit-verdict' && e.job === job, 90_000);

  for (const { key } of [one, two, cheat]) {
    await asker.running.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  await calibrated([one, two]);
  const vouched = await asker.running.waitFor((e) => e.event === 'cut');
  await asker.running.waitFor((e) => e.event === 'cut' && e.epoch > vouched.epoch + 3);

  await t.test('honest answers are ok', async (t) => {
    for (const executor of [one, two, cheat]) {
      const { job } = await ask(executor);
      const verdict = await verdictOn(job);
      t.match(verdict, { finding: 'ok', mine: true, own: false, executor: executor.key });
      t.not(verdict.auditor, executor.key);
    }
  });

  await t.test('whoever lies is proven a cheat, and asked no more', async (t) => {
    await cheat.lie({ wrongSeed: true });
    const { job } = await ask(cheat);
    const verdict = await verdictOn(job);
    t.match(verdict, { finding: 'trigger', executor: cheat.key });
    const nodes = [asker, one, two];
    await Promise.all(nodes.map(async ({ running }) => {
      const proven = await running.waitFor((e) => e.event === 'cheat-proven', 90_000);
      t.match(proven, { executor: cheat.key, cause: 'lifetime' });
    }));
    t.not((await ask()).executor, cheat.key);
  });

  await t.test('all nodes come to the same record', async (t) => {
    const nodes = [asker, one, two, cheat];
    const seen = new Map<number, Set<string>>();
    const count = new Map<number, number>();
    for (let same = 0; same < nodes.length;) {
      const rows = await Promise.all(nodes.map(trustOf)) as Event[];
      for (const { epoch, digest } of rows) {
        seen.set(epoch, (seen.get(epoch) ?? new Set()).add(digest));
        count.set(epoch, (count.get(epoch) ?? 0) + 1);
        t.equal(seen.get(epoch)!.size, 1, `epoch ${epoch}: one digest`);
      }
      same = Math.max(...count.values());
    }
    const { executors, cheats } = (await trustOf(asker))!;
    t.strictSame(cheats.map((c: Event) => c.executor), [cheat.key]);
    for (const { key } of [one, two]) {
      t.match(executors.find((e: Event) => e.key === key), { suspect: 0, proven: false });
    }
  });
});
