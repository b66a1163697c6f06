import t from 'tap';
import { FEATURE_NAMES, MICRO_CALIBRATION } from '../../fingerprint/micro/mod.ts';
import { compareMachines, type KeptMachine, readKept } from '../../node/prober/mod.ts';

const KEPT: KeptMachine = {
  version: 1,
  at: 5,
  backend: 'cpu',
  threads: 2,
  features: FEATURE_NAMES.map((_, i) => 1000 + 100 * i),
  rates: [1000, 1010, 990],
};

t.test('a machine is the one of before until its micro-benchmarks differ', (t) => {
  const noisy = KEPT.features.map((value, i) => value + MICRO_CALIBRATION.scale[i]! * (i % 3 - 1));
  const same = compareMachines(KEPT, { ...KEPT, at: 9, features: noisy, rates: [500, 505, 495] });
  t.match(same, { at: 5, isSame: true, threshold: MICRO_CALIBRATION.threshold });
  t.ok(same.distance > 0);
  t.equal(Math.round(100 * same.rate!.ratio), 50, 'at half of its rate');
  const other = KEPT.features.map((value) => value + 1024);
  const found = compareMachines(KEPT, { ...KEPT, features: other, threads: 8 });
  t.match(found, { isSame: false, rate: null }, 'twice as slow in all of them');
  t.end();
});

t.test('what a file holds is read as it was written, or not at all', (t) => {
  t.same(readKept(JSON.parse(JSON.stringify(KEPT))), KEPT);
  const wrong: unknown[] = [
    null,
    7,
    {},
    { ...KEPT, version: 2 },
    { ...KEPT, features: [1] },
    { ...KEPT, features: KEPT.features.map(String) },
    { ...KEPT, rates: [] },
    { ...KEPT, rates: [0] },
    { ...KEPT, backend: 'none' },
    { ...KEPT, at: null },
    { ...KEPT, threads: 1.5 },
  ];
  for (const one of wrong) t.equal(readKept(one), null, JSON.stringify(one)?.slice(0, 60));
  t.end();
});
