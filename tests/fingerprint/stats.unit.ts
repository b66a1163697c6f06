import fc from 'fast-check';
import t from 'tap';
import { median } from '../../feeds/base/mod.ts';
import { LIMITS } from '../../feeds/records/mod.ts';
import { mad, milli, ratioOf, sampleOf, spreadOf, variation } from '../../fingerprint/stats/mod.ts';
import { randomOf } from '../lib/random.ts';

t.test('median, deviation and variation', (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.equal(mad([1, 1, 2, 2, 4, 6, 9]), 1);
  t.equal(variation([5]), 0);
  t.equal(variation([-1, 1]), 0, 'nothing to compare with');
  t.ok(Math.abs(variation([2, 4, 4, 4, 5, 5, 7, 9]) - Math.sqrt(32 / 7) / 5) < 1e-12);
  t.ok(Number.isNaN(median([])) && Number.isNaN(mad([])));
  t.end();
});

t.test('an outlier, however far, moves neither median nor interval of eleven runs', (t) => {
  const runs = [10, 11, 9, 10.5, 9.5, 10.2, 9.8, 10.1, 9.9, 10.3];
  const [near, far] = [sampleOf([...runs, 12]), sampleOf([...runs, 1e9])];
  t.equal(far.median, near.median);
  t.equal(far.low, near.low);
  t.equal(far.high, near.high);
  t.ok(far.cv > 30 * near.cv, 'which the variation does not stand');
  t.equal(near.count, 11);
  t.equal(near.confidence, 0.9882);
  t.end();
});

t.test('a spread is a valid part of a record, whatever was measured', (t) => {
  const rates = fc.array(fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constant(Infinity)), {
    maxLength: 30,
  });
  fc.assert(fc.property(rates, (rates) => {
    const { median, mad, low, high } = spreadOf(rates);
    return [median, mad, low, high].every((one) =>
      Number.isSafeInteger(one) && one >= 0 && one <= LIMITS.rate
    ) && low <= median && median <= high;
  }));
  t.equal(milli(1.2344), 1234);
  t.equal(milli(-1), 0);
  t.equal(milli(NaN), 0);
  t.equal(milli(Infinity), LIMITS.rate);
  t.end();
});

t.test('a ratio`s interval holds the true one as often as it says, whatever the distribution', (t) => {
  const random = randomOf(5), trials = 2_000;
  const draw = () => Math.exp(-2 * Math.log(1 - random()) * (random() < 0.5 ? 1 : -1));
  let held = 0;
  for (let trial = 0; trial < trials; trial++) {
    const of = (factor: number) => Array.from({ length: 12 }, () => factor * draw());
    const { ratio, low, high } = ratioOf(of(1), of(3));
    if (low <= 3 && 3 <= high) held++;
    if (!(low <= ratio && ratio <= high)) t.fail(`${low} ${ratio} ${high}`);
  }
  t.ok(held >= 0.98 * trials, `${held} of ${trials}`);
  t.same(ratioOf([2], [1]), { ratio: 0.5, low: 0.5, high: 0.5 });
  t.match(ratioOf([1, 2, 4], [2, 4, 8]), { ratio: 2, low: 0.5, high: 8 }, 'few say little');
  t.end();
});
