import t from 'tap';
import { Witnesses } from './witnessing.ts';

/** Epochs of 500 ms: time for many cuts, if there were any. */
const QUIET_MS = 5000;

t.test('without two of four witnesses there is no cut, and there is again when they are back', async (t) => {
  const mesh = await Witnesses.start(4, 500);
  t.teardown(() => mesh.bench.end());
  await Promise.all(mesh.nodes.map((_, i) => mesh.cut(i, 2)));

  for (const i of [1, 2]) mesh.nodes[i]!.running.kill('SIGKILL');
  await Promise.all([1, 2].map((i) => mesh.nodes[i]!.running.ended));
  // A cut that was on its way may still come.
  const at = Math.max(...mesh.told('cut').map(({ epoch }) => epoch)) + 1;
  await t.rejects(mesh.cut(0, at + 1, QUIET_MS));
  t.notOk(mesh.told('cut').some(({ epoch }) => epoch > at));

  await Promise.all([1, 2].map((i) => mesh.up(i)));
  await Promise.all(mesh.nodes.map((_, i) => mesh.cut(i, at + 3)));
  t.ok([...mesh.hashes().values()].every((of) => of.size === 1), 'one cut an epoch');
  t.same(mesh.told('equivocation'), []);
});
