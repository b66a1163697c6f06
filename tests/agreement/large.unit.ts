import t from 'tap';
import { ordeal } from './large.ts';

for (const [count, seeds, steps] of [[7, 6, 150], [10, 3, 200], [31, 1, 150]] as const) {
  t.test(`${count} witnesses of unequal weight, less than a third faulty: one cut an epoch`, async (t) => {
    let cuts = 0, splits = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const found = await ordeal(count, seed, steps);
      cuts += found.cuts;
      splits += found.split ? 1 : 0;
    }
    t.ok(cuts >= 3 * seeds, `${cuts} cuts`);
    t.ok(splits > 0, `${splits} of ${seeds} fell into parts that are no quorum`);
  });
}
