import t from 'tap';
import type { Event } from '../lib/nexus.ts';
import { Netns } from '../lib/netns.ts';
import { Witnesses } from './witnessing.ts';

const EAST = '127.8.8.1', WEST = '127.9.9.1';
const EPOCH_MS = 500;
/** Time for many cuts, if there were any. */
const QUIET_MS = 5000;
const why = Netns.why();

t.setTimeout(300_000);

t.test('the network falls into halves', { skip: why ?? false }, async (t) => {
  const net = await Netns.make();
  const mesh = await Witnesses.start(4, EPOCH_MS, [EAST, EAST, WEST, WEST], net.through);
  t.teardown(async () => {
    await mesh.bench.end();
    net.end();
  });
  await Promise.all(mesh.nodes.map((_, i) => mesh.cut(i, 2)));
  const keys = mesh.nodes.map(({ key }) => key);
  const halves = [[0, 1], [2, 3]] as const;
  let last = 0;

  await t.test('each says whose votes it misses, and there is no cut', async (t) => {
    net.part(EAST, WEST);
    for (const [half, others] of [halves, halves.toReversed()]) {
      const gone = others!.map((i) => keys[i]!).sort();
      for (const i of half!) {
        const { running } = mesh.nodes[i]!;
        const told = await running.waitFor(
          (e) => e.event === 'cut-stalled' && String(e.missing) === String(gone),
          60_000,
        );
        t.match(told, { heard: 2, needed: 3 });
      }
    }
    last = Math.max(...mesh.told('cut').map(({ epoch }) => epoch));
    await t.rejects(mesh.cut(0, last + 1, QUIET_MS));
    t.equal(Math.max(...mesh.told('cut').map(({ epoch }) => epoch)), last);
  });

  await t.test('they are one again: there is one cut for all', async (t) => {
    net.join(EAST, WEST);
    await Promise.all(mesh.nodes.map((_, i) => mesh.cut(i, last + 4, 120_000)));
    t.ok([...mesh.hashes().values()].every((of) => of.size === 1), 'one cut an epoch');
    t.ok(mesh.hashes().has(last + 4) || [...mesh.hashes().keys()].some((epoch) => epoch > last));
    t.same(mesh.told('equivocation'), []);
    t.same(mesh.told('error').map(({ code }: Event) => code), []);
  });
});
