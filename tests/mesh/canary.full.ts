import t from 'tap';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { auditedHomes, calibrated, sameRecord, trustOf } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';

const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '24'];
/** Half of what is audited. */
const RULES = { canaryShare: 5000, auditors: 2 };
const MOST_MS = 400_000;

t.setTimeout(600_000);

t.test('a planted fraud finds the auditor that says ok to everything', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 4, 1, RULES);
  const roles = (...names: string[]) => ['-m', 'austen-3.7m', '--role', names.join(',')];
  const [witness, honest, lazy, asker] = await Promise.all([
    bench.up(bootstrap, roles('executor', 'requester', 'witness'), homes[0]),
    bench.up(bootstrap, roles('executor', 'auditor'), homes[1]),
    bench.cheat(bootstrap, ['--role', 'executor,auditor'], homes[2]),
    bench.up(bootstrap, roles('requester'), homes[3]),
  ]);
  await lazy.lie({ audits: 'ok' });
  for (const { key } of [witness, honest, lazy]) {
    await asker.running.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  await calibrated(honest, [witness]);
  const { epoch } = await asker.running.waitFor((e) => e.event === 'cut');
  await asker.running.waitFor((e) => e.event === 'cut' && e.epoch > epoch + 4);

  // Users ask, and some of their answers are audited: so many jobs are planted beside them.
  let over = false;
  const asking = (async () => {
    while (!over) await bench.run([...RUN, '--where', 'mesh'], asker.home);
  })();
  const caught = witness.running.waitFor((e) => isCanary(e, false), MOST_MS).then(async (fraud) => {
    const passed = await witness.running.waitFor((e) => isCanary(e, true), MOST_MS);
    return { fraud, passed };
  }).finally(() => over = true);
  const { fraud, passed } = await caught;
  await asking;

  t.match(fraud, { author: witness.key, mine: true, counted: true, excused: true });
  t.strictSame(fraud.wrong, [lazy.key], 'the honest auditor found it');
  t.match(passed, { counted: true, excused: true, wrong: [] });
  const told = await lazy.running.waitFor((e) => e.event === 'canary' && e.wrong.length > 0);
  t.match(told, { subject: fraud.subject, mine: false });

  await sameRecord(t, [witness, honest, asker]);
  const { executors, auditors, cheats } = (await trustOf(asker))!;
  t.strictSame(cheats, []);
  const auditor = (of: Node) => auditors.find(({ key }: Event) => key === of.key);
  t.match(auditor(honest), { wrong: 0 });
  t.ok(auditor(honest).canaries > 1, 'it judged them, and rightly');
  t.ok(auditor(lazy).wrong > 0);
  const planter = executors.find(({ key }: Event) => key === witness.key);
  t.match(planter, { suspect: 0, withheld: 0, proven: false });
  t.ok(planter.log <= 0, 'nothing speaks against it');
  for (const { running } of [witness, honest, asker]) {
    t.notOk(running.events.some((e) => e.event === 'cheat-proven'), 'nobody is accused');
  }

  const { code } = await witness.running.stop();
  t.equal(code, 0);
  t.notOk(existsSync(join(witness.home, 'canaries', 'requester')), 'who asked has left no trace');
});

/** Both auditors had their say. */
function isCanary({ event, honest }: Event, wanted: boolean): boolean {
  return event === 'canary' && honest === wanted;
}
