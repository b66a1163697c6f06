import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { Netns } from '../lib/netns.ts';
import { auditedHomes } from '../lib/audited.ts';
import { accountOf, answered, ledgerOf, sameRoots, terms, until, WORKER } from './money.ts';

const EAST = '127.8.8.1', WEST = '127.9.9.1';
const why = Netns.why();

t.setTimeout(400_000);

t.test(
  'in a split network one identity spends its money on both sides',
  { skip: why ?? false },
  async (t) => {
    const net = await Netns.make();
    const bench = new Bench(net.through);
    t.teardown(async () => {
      await bench.end();
      net.end();
    });
    const bootstrap = await bench.dht();
    const homes = await auditedHomes(bench, 5, 4, { epochMs: 1000 }, await terms());
    const sides = [EAST, EAST, WEST, WEST];
    const workers = await Promise.all(
      sides.map((host, i) => bench.up(bootstrap, WORKER, homes[i], host)),
    );
    const [first, twin] = [homes[4]!, bench.home()];
    const asks = (home: string, host: string) =>
      bench.up(bootstrap, ['--role', 'requester'], home, host);
    const funded = (node: Node) =>
      until('a grant', async () => ((await accountOf(node))?.available ?? 0) > 0);
    const epochOf = async (node: Node) => (await ledgerOf(node))?.epoch ?? -1;

    const spender = await asks(first, EAST);
    await funded(spender);
    await spender.running.stop();
    cpSync(first, twin, { recursive: true });
    // A copy is told from its original by this; who means to run both removes it.
    rmSync(join(twin, 'store', 'CORESTORE'));
    net.part(EAST, WEST);
    const answers = await Promise.all(
      ([[first, EAST], [twin, WEST]] as const).map(async ([home, host]) => {
        const node = await asks(home, host);
        await node.running.waitFor((e) => e.event === 'capability', 60_000);
        await funded(node);
        const done = await answered(node, null);
        const here = workers.filter((_, i) => sides[i] === host);
        const fits = (e: Event) => e.event === 'job-finished' && e.settled;
        await Promise.any(here.map(({ running }) => running.waitFor(fits, 60_000)));
        await node.running.stop();
        return done;
      }),
    );
    t.not(answers[0]!.executor, answers[1]!.executor);
    net.join(EAST, WEST);

    await t.test('the cuts go on, and all come to the same', async (t) => {
      const last = Math.max(...await Promise.all(workers.map(epochOf)));
      for (const worker of workers) {
        await until('cuts', async () => await epochOf(worker) > last + 5);
      }
      await sameRoots(t, workers);
    });

    await t.test('it is proven, and it is banned', async (t) => {
      const told = (e: Event) => e.event === 'misconduct';
      await Promise.any(workers.map(({ running }) => running.waitFor(told, 60_000)));
      await until(
        'a ban',
        async () => (await accountOf(workers[0]!, spender))?.status === 'banned',
      );
      const events = workers.flatMap(({ running }) => running.events);
      const isIt = (e: Event) => e.event === 'banned' && e.key === spender.key;
      t.match(events.find(isIt), { proof: 'heads' });
      const payments = workers[0]!.running.events.concat(workers[2]!.running.events)
        .filter((e) => e.event === 'payment' && e.requester === spender.key);
      const paid = new Set(payments.map(({ executor }) => executor));
      t.ok(paid.size <= 1, 'at most one history counts');
    });
  },
);
