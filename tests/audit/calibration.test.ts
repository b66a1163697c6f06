import fc from 'fast-check';
import t from 'tap';
import {
  buildCalibration,
  cellScores,
  checkCalibration,
  decodeCalibration,
  encodeCalibration,
  isSufficient,
  poolJobs,
  TAIL_UNIT,
  worstMean,
  worstTails,
} from '../../node/audit/mod.ts';
import { LOG_UNIT } from '../../feeds/trust/mod.ts';
import { randomOf } from '../lib/random.ts';
import { jobOf, madeUp } from './fixtures.ts';

const CELLS = 10;
const counts = fc.array(fc.nat(5000), { minLength: CELLS, maxLength: CELLS })
  .map((list) => [list[0]! + 1, ...list.slice(1)]);
const weights = fc.array(fc.nat(1000), { minLength: CELLS, maxLength: CELLS })
  .filter((list) => list.some((n) => n > 0))
  .map((list) => list.map((n) => n / list.reduce((a, b) => a + b, 0)));
const tailsOf = (list: number[]) =>
  worstTails(
    [{ name: 'x', jobs: 1, counts: list, effective: list.reduce((a, b) => a + b, 0) }],
    1e-4,
  );

t.test('scores rise with suspicion and their null mean is at most 1', (t) => {
  fc.assert(fc.property(counts, weights, (seen, alternative) => {
    const tails = tailsOf(seen);
    const scores = cellScores(tails, alternative);
    t.ok(
      scores.every((score, i) => Number.isInteger(score) && (i === 0 || score >= scores[i - 1]!)),
    );
    const mean = worstMean(tails, scores);
    t.ok(mean <= 1 && mean > 1 - 2 / LOG_UNIT, `${mean}: rounded down, and no further`);
  }));
  t.end();
});

t.test('the bounded worst null bounds every distribution beneath it', (t) => {
  fc.assert(fc.property(counts, weights, weights, (seen, alternative, shape) => {
    const tails = tailsOf(seen), scores = cellScores(tails, alternative);
    // Any distribution, pushed down until it lies beneath the bounds.
    const below = shape.map((_, cell) =>
      Math.min(tails[cell]! / TAIL_UNIT, shape.slice(cell).reduce((a, b) => a + b, 0))
    );
    below[0] = 1;
    const cells = below.map((tail, cell) => tail - (below[cell + 1] ?? 0));
    const mean = scores.reduce((sum, s, i) => sum + cells[i]! * Math.exp(s / LOG_UNIT), 0);
    t.ok(mean <= 1 + 1e-12, `${mean}`);
  }));
  t.end();
});

t.test('bounds lie above what was seen, in every stratum', (t) => {
  fc.assert(
    fc.property(counts, counts, (one, two) => {
      const strata = [poolJobs('a', [one]), poolJobs('b', [two])];
      const tails = worstTails(strata, 1e-4);
      for (const { counts: list } of strata) {
        const total = list.reduce((a, b) => a + b, 0);
        list.forEach((_, cell) => {
          const seen = list.slice(cell).reduce((a, b) => a + b, 0) / total;
          t.ok(tails[cell]! / TAIL_UNIT >= seen);
        });
      }
    }),
    { numRuns: 40 },
  );
  t.end();
});

t.test('positions of one job that resemble each other count as fewer', (t) => {
  const random = randomOf(1);
  const even = Array.from({ length: 60 }, () => jobOf(random, 100).margins);
  const total = 6000;
  t.ok(poolJobs('even', even).effective > 0.6 * total);
  const clustered = even.map((job, i) => i % 10 > 0 ? job : [50, 30, 20, 0, 0, 0, 0, 0, 0, 0]);
  t.ok(poolJobs('clustered', clustered).effective < 0.1 * total);
  t.end();
});

t.test('what other weights look like is measured by how noisy honest work is', (t) => {
  const random = randomOf(3);
  const noisy = [0.13, 0.23, 0.2, 0.15, 0.11, 0.1, 0.04, 0.03, 0.01, 0, 0, 0, 0];
  const honest = Array.from({ length: 60 }, () => jobOf(random, 100, undefined, noisy));
  const { margins, b1, ...rest } = madeUp();
  const cheats = [{ name: 'seed', decisive: true, counts: margins.strata[0]!.counts }];
  const table = buildCalibration({ ...rest, honest, cheats }).b1;
  const near = table.alternatives.find(({ name }) => name === 'near')!;
  const mean = noisy.reduce((total, p, cell) => total + p * near.scores[cell]!, 0);
  t.ok(mean < -0.1 * LOG_UNIT, `${mean}: honest work can be cleared`);
  t.ok(near.scores.at(-1)! > LOG_UNIT, 'and cheating found');
  t.equal(b1.alternatives.length, table.alternatives.length);
  t.end();
});

t.test('a calibration comes back as it was', (t) => {
  const calibration = madeUp();
  const bytes = encodeCalibration(calibration);
  t.ok(bytes.length < 2000, `${bytes.length} bytes`);
  t.strictSame(JSON.stringify(decodeCalibration(bytes)), JSON.stringify(calibration));
  t.end();
});

t.test('bytes that anybody may have written decode or fail with a code', (t) => {
  const bytes = encodeCalibration(madeUp());
  const codes = /^(RECORD_|CALIBRATION_)/;
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const changed = bytes.slice();
      changed[at] = byte;
      try {
        decodeCalibration(changed);
      } catch (thrown) {
        t.match((thrown as { code: string }).code, codes);
      }
    }),
    { numRuns: 150 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
    t.throws(() => decodeCalibration(Uint8Array.of(1, ...noise)), { code: codes });
  }));
  t.throws(() => decodeCalibration(Uint8Array.of(9)), { code: 'RECORD_UNKNOWN_VERSION' });
  t.end();
});

t.test('a calibration that would accuse more than its sample allows is refused', (t) => {
  const good = madeUp();
  const changed = (change: (table: typeof good.b1) => void) => {
    const copy = structuredClone(good);
    change(copy.b1);
    return () => checkCalibration(copy);
  };
  const bad = { code: 'CALIBRATION_BAD' };
  t.throws(changed((b1) => b1.alternatives[0]!.scores[5]! += 3 * LOG_UNIT), bad, 'a score');
  t.throws(changed((b1) => b1.tails[3]! = 1), bad, 'a bound');
  t.throws(changed((b1) => b1.strata[0]!.effective = 1e9), bad, 'a sample');
  t.throws(changed((b1) => b1.alternatives[0]!.scores.pop()), bad, 'a cell');
  t.throws(changed((b1) => b1.alternatives = []), bad);
  t.throws(() => checkCalibration({ ...good, slack: 150 }), bad, 'more slack than its bounds have');
  t.throws(() => checkCalibration({ ...good, slack: 50 }), bad);
  t.end();
});

t.test('too small a sample is not sufficient, whichever stratum is', (t) => {
  t.equal(isSufficient(madeUp(100, 100), 1e-3), true);
  t.equal(isSufficient(madeUp(100, 20), 1e-3), false);
  t.equal(isSufficient(madeUp(100, 20), 1e-2), true);
  t.equal(isSufficient(madeUp(40, 400), 1e-3), false, 'too few jobs');
  const nothing = { profile: new Uint8Array(32), executorClass: new Uint8Array(32) };
  t.throws(() =>
    buildCalibration({
      ...nothing,
      auditorClass: new Uint8Array(32),
      deltaPpm: 100,
      slack: 100,
      honest: [],
      cheats: [{ name: 'seed', decisive: true, counts: new Array(CELLS).fill(1) }],
    }), { code: 'CALIBRATION_EMPTY' });
  t.end();
});
