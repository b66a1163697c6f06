import fc from 'fast-check';
import t from 'tap';
import {
  areApart,
  combine,
  lowerMedian,
  medianInterval,
  standsTo,
  upperMedian,
} from '../../feeds/fingerprints/mod.ts';
import { randomOf } from '../lib/random.ts';
import { printOf, TRUTH } from './machines.ts';

t.test('the confidence of an interval is that of the binomial distribution', (t) => {
  t.same(medianInterval(9), { rank: 2, confidence: 9_609 }, '1 - 2 * (1 + 9) / 512');
  t.same(medianInterval(6), { rank: 1, confidence: 9_687 }, '1 - 2 / 64');
  t.same(medianInterval(5), { rank: 1, confidence: 9_375 }, 'too few for 95 %');
  t.same(medianInterval(25), { rank: 8, confidence: 9_567 });
  t.same(medianInterval(1), { rank: 1, confidence: 0 });
  t.same(medianInterval(0), { rank: 0, confidence: 0 });
  for (let n = 6; n <= 300; n++) {
    const { rank, confidence } = medianInterval(n);
    t.ok(rank >= 1 && 2 * rank <= n + 1 && confidence >= 9_500, String(n));
  }
  t.end();
});

t.test('the interval holds the true median as often as it says, whatever the distribution', (t) => {
  const random = randomOf(11), trials = 20_000;
  const draws = [
    () => random(),
    () => -Math.log(1 - random()),
    // Two humps, and a tail that has no mean.
    () => Math.tan(Math.PI * (random() - 0.5)),
  ];
  const medians = [0.5, Math.LN2, 0];
  for (const [i, draw] of draws.entries()) {
    const { rank, confidence } = medianInterval(11);
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const runs = Array.from({ length: 11 }, draw).sort((a, b) => a - b);
      if (runs[rank - 1]! <= medians[i]! && medians[i]! <= runs[11 - rank]!) held++;
    }
    // Six standard deviations of that many trials are 0.7 %.
    t.ok(Math.abs(held / trials - confidence / 10_000) < 0.007, `${held} of ${trials}`);
  }
  t.end();
});

t.test('medians of even numbers keep to one side', (t) => {
  t.equal(lowerMedian([4, 1, 3, 2]), 2);
  t.equal(upperMedian([4, 1, 3, 2]), 3);
  t.equal(lowerMedian([3, 1, 2]), 2);
  t.equal(upperMedian([3, 1, 2]), 2);
  t.equal(lowerMedian([]), 0);
  t.end();
});

t.test('a tolerance widens an interval on both sides, exactly', (t) => {
  const interval = { low: 800, high: 1_000, confidence: 9_609 };
  t.equal(standsTo(1_250, interval, 2_500), 'within');
  t.equal(standsTo(1_251, interval, 2_500), 'above');
  t.equal(standsTo(640, interval, 2_500), 'within');
  t.equal(standsTo(639, interval, 2_500), 'below');
  t.equal(standsTo(2 ** 40, { low: 0, high: 2 ** 40 }, 0), 'within', 'no rounding at the end');
  t.equal(standsTo(2 ** 40, { low: 0, high: 2 ** 40 - 1 }, 0), 'above');
  const any = fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => ({
    low: Math.min(a, b),
    high: Math.max(a, b),
    confidence: 0,
  }));
  fc.assert(fc.property(any, any, fc.nat(9_000), (a, b, tolerance) => {
    const overlap = a.low <= b.high && b.low <= a.high;
    return areApart(a, b, tolerance) === areApart(b, a, tolerance) &&
      !(overlap && areApart(a, b, tolerance));
  }));
  t.end();
});

t.test('a curve without a peak gives all levels that cannot be told apart', (t) => {
  const duty = {
    executor: '00',
    profile: '00',
    backendClass: '00',
    challenger: '',
    beacon: 0,
    draw: '',
    due: 0,
    state: 'drawn' as const,
    place: null,
  };
  const print = printOf(duty, TRUTH);
  const level = (streams: number, low: number, median: number, high: number) => ({
    streams,
    low,
    median,
    high,
    mad: 1,
  });
  const curve = [level(1, 80, 90, 95), level(2, 140, 150, 160), level(4, 148, 155, 170)];
  const { streams, streamRate } = combine([{ ...print, streams: curve }]);
  t.match(streams, { low: 2, high: 4 });
  t.match(streamRate, { low: 148, high: 170 });
  t.equal(combine([{ ...print, streams: [] }]).streams, null);
  const two = [{ ...print, streams: [] }, { ...print, streams: curve }];
  t.equal(combine(two)!.streamRate, null, 'no majority has one');
  t.end();
});
