import t from 'tap';
import { Search } from './search.ts';

t.setTimeout(600_000);

for (const bad of [0, 1, 2, 3]) {
  t.test(`witness ${bad} of four is Byzantine: one cut an epoch, whatever comes when`, async (t) => {
    for (const [rounds, epochs] of [[2, 1], [1, 2]] as const) {
      const cast = { count: 4, bad: [bad], mutation: 'none' as const };
      const { split, ...found } = await new Search(cast, { rounds, epochs }).run();
      t.equal(split, null);
      t.equal(found.cuts, epochs);
      t.comment(`${rounds} rounds, ${epochs} epochs: ${JSON.stringify(found)}`);
    }
  });
}
