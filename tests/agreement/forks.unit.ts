import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { coreOf, World } from './world.ts';

/** Cores with two histories: which witnesses hold the second one of each. */
const SHOWN: Record<string, number[][]> = {
  'to half of the witnesses': [[2, 3]],
  'to one of them': [[3]],
  'of three logs, to another half each': [[2, 3], [1, 3], [1, 2]],
};

for (const [name, shown] of Object.entries(SHOWN)) {
  t.test(`who shows another history of a log ${name} stops no cut`, async (t) => {
    const world = new World(4, 0);
    world.historyOf = (core, witness) => shown[core]?.includes(witness) ? 1 : 0;
    for (let epoch = 0; epoch < 6; epoch++) {
      // A cut has room for three.
      if (epoch === 3 && shown.length > 1) shown.forEach((_, core) => world.forked.add(core));
      for (const core of world.lengths.keys()) world.lengths[core]! += 1;
      t.ok(await world.settle(epoch, 30), `epoch ${epoch}`);
    }
    const { covered } = world.honest[0]!.view;
    for (let core = shown.length; core < world.lengths.length; core++) {
      t.ok((covered.get(toHex(coreOf(core)))?.length ?? 0) > 2, 'honest logs are covered on');
    }
  });
}
