import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { auditedHomes, calibrated, sameRecord, trustOf } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { pathsOf } from '../../node/home/mod.ts';

const CUTS = 200;
const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '20'];

t.setTimeout(600_000);

t.test('a node goes on where it was, however it ended', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 3, 1, { epochMs: 200 });
  const roles = [['requester,witness'], ['executor,auditor'], ['executor,auditor']];
  const up = (i: number) =>
    bench.up(bootstrap, ['-m', 'austen-3.7m', '--role', ...roles[i]!], homes[i]);
  let [witness, executor, steady] = await Promise.all([0, 1, 2].map(up)) as [Node, Node, Node];
  const snapshot = (node: Node) => pathsOf(node.home).snapshot;
  const isCut = (epoch: number) => (e: Event) => e.event === 'cut' && e.epoch >= epoch;
  const ask = async () => {
    const { code, stderr } = await bench.run([...RUN, '--where', 'mesh'], witness.home);
    t.equal(code, 0, stderr);
  };
  const isResumed = (e: Event) => e.event === 'resumed';
  const epochOf = (at: Node) =>
    at.running.events.filter(({ event }) => event === 'cut').at(-1)!.epoch;
  /** Nobody has said two different things. */
  const nobodyLied = () =>
    t.same(steady.running.events.filter(({ event }) => event === 'equivocation'), []);

  for (const { key } of [executor, steady]) {
    await witness.running.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  await calibrated(executor, [witness]);
  for (let i = 0; i < 4; i++) await ask();
  await steady.running.waitFor(isCut(CUTS), 200_000);
  await ask();

  await t.test('stopped: from the last cut that it had', async (t) => {
    // A witness makes cuts that it has yet to fold; a snapshot that is not of the end is far older.
    const told = [witness, executor].map((node) => epochOf(node) - 16);
    await Promise.all([witness, executor].map(({ running }) => running.stop()));
    const last = epochOf(steady);
    for (const node of [witness, executor]) {
      if (process.platform !== 'win32') t.equal(statSync(snapshot(node)).mode & 0o777, 0o600);
    }
    [witness, executor] = await Promise.all([0, 1].map(up)) as [Node, Node];
    for (const [i, { running }] of [witness, executor].entries()) {
      const { epoch, hash } = await running.waitFor(isResumed);
      t.ok(epoch >= told[i]!, `${epoch}, after ${told[i]}`);
      t.match(hash, /^[0-9a-f]{64}$/);
    }
    await steady.running.waitFor(isCut(last + 5), 120_000);
    await sameRecord(t, [witness, executor, steady]);
    nobodyLied();
  });

  await t.test('killed: from the snapshot before, and says nothing else than it did', async (t) => {
    const before = readFileSync(snapshot(witness));
    writeFileSync(`${snapshot(witness)}.0123456789ab.new`, before.subarray(0, before.length / 2));
    witness.running.kill('SIGKILL');
    await witness.running.ended;
    const last = epochOf(steady);
    witness = await up(0);
    const { epoch } = await witness.running.waitFor(isResumed);
    t.ok(epoch <= Math.max(last, epochOf(executor)), `${epoch} of ${last}`);
    t.notOk(readdirSync(witness.home).some((name) => name.endsWith('.new')), 'halves are swept');
    await steady.running.waitFor(isCut(last + 5), 120_000);
    await ask();
    await sameRecord(t, [witness, executor, steady]);
    nobodyLied();
  });

  await t.test('a damaged one is told of and not used', async (t) => {
    await executor.running.stop();
    const bytes = readFileSync(snapshot(executor));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(snapshot(executor), bytes);
    executor = await up(1);
    const { running } = executor;
    const { hint } = await running.waitFor((e) => e.code === 'SNAPSHOT_DAMAGED');
    t.match(hint, /nothing is lost/);
    await sameRecord(t, [witness, executor, steady]);
    t.same(running.events.filter(isResumed), [], 'it began with the first cut');
    const subjects = (await trustOf(executor))!.executors.length;
    t.equal(subjects, (await trustOf(steady))!.executors.length);
    await running.stop();
    t.ok(existsSync(snapshot(executor)), 'and it is written anew');
  });
});
