// deno-lint-ignore-file no-explicit-any -- events are compared field by field
import t from 'tap';
import { cpSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runDeno } from '../lib/deno.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { control, Follower } from './live.ts';

// Several processes on what may be a busy machine.
t.setTimeout(240_000);

async function recorded(folder: string): Promise<Event[]> {
  const { code, stdout, stderr } = await runDeno('tests/watch/record.ts', [folder]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

const socketOf = (node: Node) => join(node.home, 'run/node.sock');
const PROMPT = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '120'];

t.test('who watches a node sees its jobs, logs and peers, and stays when it goes', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const nodes = await Promise.all([
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.up(bootstrap, ['-m', 'austen-3.7m', '--price', '3']),
  ]);
  const [asker, worker] = nodes;
  const follower = new Follower(nodes.map(socketOf));
  t.teardown(() => follower.end());
  const see = (node: number, what: string, fits: (e: any) => boolean = () => true, from = 0) =>
    follower.waitFor(
      (e) => e.node === node && e.event === what && fits(e),
      `${what} at ${node}`,
      from,
    );
  for (const i of [0, 1]) {
    const { status, cores } = await see(i, 'snapshot');
    t.equal(status.key, nodes[i]!.key);
    t.ok(status.pids.feeds > 0 && status.startedAt > 0);
    t.ok(cores.filter((core: any) => core.own).length === 3, 'its own three logs');
  }
  // What one peer's row shows now, by whatever brought it.
  const row = (node: number, key: string, fits: (row: any) => boolean, from = 0) =>
    follower.waitFor(
      (e) => e.node === node && (e.peers ?? []).some((p: any) => p.key === key && fits(p)),
      `a row of ${key.slice(0, 8)} at ${node}`,
      from,
    );
  await row(0, worker.key, (p) => p.models.length > 0);

  const ask = (...more: string[]) =>
    bench.run([...PROMPT, '--where', 'mesh', '--json', ...more], asker.home);
  const { events } = await ask('--executor', worker.key);
  const done = events.at(-1)!;
  t.equal(done.event, 'done');
  const { job } = done;

  await t.test('the job is told at both ends, without its text', async (t) => {
    const route = await see(0, 'run-route', (e) => e.job === job);
    t.equal(route.executor, worker.key);
    t.ok(route.candidates.length > 0);
    const end = await see(0, 'run-done', (e) => e.job === job);
    t.match(end, { text: null, outputTokens: done.outputTokens });
    await see(1, 'job-accepted', (e) => e.job === job);
    await see(1, 'job-finished', (e) => e.job === job);
    for (const node of [0, 1]) {
      for (const type of ['job', 'artifact', 'settle']) {
        const { entry } = await see(
          node,
          'entry',
          ({ entry }) => entry.job === job && entry.type === type,
        );
        t.equal(entry.owner, type === 'artifact' ? worker.key : asker.key, `${type} at ${node}`);
        t.equal(entry.error, null);
      }
      await see(
        node,
        'cores',
        (e) => e.cores.some((c: any) => c.owner === worker.key && c.log === 'artifacts'),
      );
    }
    t.same((await see(0, 'findings')).findings, []);
    // A short answer yields no rate.
    const { peers } = await row(0, worker.key, (p) => p.firstTokenMs > 0);
    t.equal(peers[0].failures, 0, 'what was measured is in its row');
  });

  await t.test('receipts come back as bytes', async (t) => {
    const [list] = await control(socketOf(asker), 'receipts', { limit: 5 });
    t.equal((list as any)[0].job, job);
    const [receipt] = await control(socketOf(asker), 'receipt', { job });
    t.equal(receipt!.text, readFileSync(done.receipt, 'utf8'));
    for (const wrong of ['../identity', '0'.repeat(64)]) {
      const call = control(socketOf(asker), 'receipt', { job: wrong });
      await t.rejects(call, { code: 'RECEIPT_UNKNOWN' }, wrong);
    }
  });

  await t.test('a price is announced at once, within the band', async (t) => {
    await control(socketOf(worker), 'price', { price: 7 });
    await row(0, worker.key, (p) => p.models[0]?.price === 7);
    await see(0, 'entry', ({ entry }) =>
      entry.type === 'capability' &&
      entry.fields.offerings[0].price === 7);
    for (const price of [-1, 1.5, '7', 1e12, null]) {
      const call = control(socketOf(worker), 'price', { price });
      await t.rejects(call, { code: 'BAD_REQUEST' }, `${price}`);
    }
  });

  await t.test('a draining node is not asked, until it takes jobs again', async (t) => {
    await t.rejects(control(socketOf(worker), 'drain', { on: 'yes' }), { code: 'BAD_REQUEST' });
    await control(socketOf(worker), 'drain', { on: true });
    await row(0, worker.key, (p) => p.draining);
    await see(1, 'status', (e) => e.status.draining);
    const refused = await ask();
    t.not(refused.code, 0);
    const from = follower.events.length;
    t.ok(follower.events.some((e) => e.node === 0 && e.event === 'run-failed'));
    await control(socketOf(worker), 'drain', { on: false });
    await row(0, worker.key, (p) => !p.draining, from);
    t.equal((await ask()).code, 0);
  });

  await t.test('a model that is pulled is served', async (t) => {
    const steps = await control(socketOf(worker), 'pull', { model: 'austen-3.7m' });
    t.match(steps.at(-2), { event: 'pulled', model: 'austen-3.7m', served: true });
    const unknown = control(socketOf(worker), 'pull', { model: 'no-such-model' });
    await t.rejects(unknown, { code: 'MODEL_UNKNOWN' });
  });

  await t.test('a ban holds over a restart, and ends', async (t) => {
    const gone = (from: number) =>
      follower.waitFor((e) => e.node === 0 && (e.gone ?? []).includes(worker.key), 'gone', from);
    await control(socketOf(asker), 'ban', { key: worker.key });
    await gone(0);
    t.equal(statSync(join(asker.home, 'banned.json')).mode & 0o777, 0o600);
    const self = control(socketOf(asker), 'ban', { key: asker.key });
    await t.rejects(self, { code: 'BAN_SELF' });

    const before = follower.events.length;
    asker.running.kill('SIGKILL');
    await see(0, 'away', () => true, before);
    t.equal(follower.events.filter((e) => e.event === 'away' && e.node === 1).length, 0);
    const again = await bench.up(bootstrap, ['-m', 'austen-3.7m'], asker.home);
    const { status } = await see(0, 'snapshot', () => true, before);
    t.equal(status.pids.node, again.pids.node, 'the one that was started anew');
    t.match(await control(socketOf(again), 'bans'), [[{ key: worker.key }]]);
    const from = follower.events.length;
    t.match(await control(socketOf(again), 'unban', { key: worker.key }), [{ unbanned: true }]);
    await row(0, worker.key, () => true, from);
  });

  await t.test('the logs tell it again: through the node, and from a copy of them', async (t) => {
    const live = await recorded(worker.home);
    await worker.running.stop();
    const copy = join(bench.home(), 'copy');
    cpSync(join(worker.home, 'store'), copy, { recursive: true });
    for (const [events, what] of [[live, 'live'], [await recorded(copy), 'copy']] as const) {
      t.equal(events[0]?.event, 'snapshot', what);
      t.equal(events.at(-1)?.event, 'findings', what);
      const end = events.find((e) => e.event === 'run-done' && e.job === job);
      t.match(end, { outputTokens: done.outputTokens, executor: worker.key, at: Number }, what);
      const before = events.slice(0, events.indexOf(end!));
      t.ok(before.some((e) => e.event === 'run-route' && e.job === job), what);
      const times = events.map(({ at }) => at);
      t.same(times, times.toSorted((a, b) => a - b), `${what}: time goes forward`);
    }
    await t.rejects(recorded(bench.home()), /STORE_MISSING|there are no logs/);
  });
});
