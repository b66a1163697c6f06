import t from 'tap';
import { ordeal } from './large.ts';

t.setTimeout(600_000);

for (const [count, seeds, steps] of [[7, 150, 300], [10, 80, 300], [31, 6, 400]] as const) {
  t.test(`${count} witnesses in many storms: one cut an epoch`, async (t) => {
    let splits = 0;
    for (let seed = 1000; seed < 1000 + seeds; seed++) {
      splits += (await ordeal(count, seed, steps)).split ? 1 : 0;
    }
    t.ok(splits > seeds / 10, `${splits} of ${seeds} fell into parts that are no quorum`);
  });
}
