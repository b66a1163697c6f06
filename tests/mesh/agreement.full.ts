import t from 'tap';
import { Witnesses } from './witnessing.ts';

t.test('witnesses agree on the cuts, and one that is killed goes on without contradiction', async (t) => {
  const mesh = await Witnesses.start(4, 500);
  t.teardown(() => mesh.bench.end());
  const told = await Promise.all(mesh.nodes.map((_, i) => mesh.cut(i, 2)));
  t.ok(told.every(({ witnesses }) => witnesses.length >= 3), 'three of four are a quorum');

  mesh.nodes[3]!.running.kill('SIGKILL');
  await mesh.nodes[3]!.running.ended;
  const at = Math.max(...mesh.told('cut').map(({ epoch }) => epoch));
  await Promise.all([0, 1, 2].map((i) => mesh.cut(i, at + 4)));
  await mesh.up(3);
  const later = (await mesh.cut(3, at + 4)).epoch;
  await Promise.all(mesh.nodes.map((_, i) => mesh.cut(i, later + 2)));

  const hashes = mesh.hashes();
  t.ok(hashes.size > 5);
  t.ok([...hashes.values()].every((of) => of.size === 1), 'one cut an epoch');
  t.same(mesh.told('equivocation'), []);
  t.same(mesh.told('error'), []);
});

t.test('a node that the network does not name is no witness', async (t) => {
  const mesh = new Witnesses();
  t.teardown(() => mesh.bench.end());
  const { code, stderr } = await mesh.bench.run(['up', '--role', 'witness'], mesh.bench.home());
  t.not(code, 0);
  t.match(stderr, /NOT_A_WITNESS[^]*hint: /);
});
