import t from 'tap';
import {
  calibrationEntry,
  calibrationFile,
  calibrationFor,
  deviates,
  entryOf,
  readCalibrationEntry,
  readCalibrationFile,
  shippedCalibrations,
} from '../../node/calibration/mod.ts';
import { buildCalibration, type Calibration } from '../../node/audit/mod.ts';
import { readTable } from '../../node/models/mod.ts';
import { decodeRecord, encodeRecord, profileId } from '../../feeds/records/mod.ts';
import { randomOf } from '../lib/random.ts';
import { HONEST_B1, HONEST_MARGINS, jobOf, madeUp } from './fixtures.ts';

const id = (byte: number) => new Uint8Array(32).fill(byte);
const [PROFILE, A, B, C] = [id(1), id(2), id(3), id(4)];
const NEVER = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/** @param noise how often honest work deviates, 0: never */
function measured(executor: Uint8Array, auditor: Uint8Array, noise = 1, jobs = 100): Calibration {
  const random = randomOf(5);
  const spread = (cells: readonly number[]) => [
    1 - noise * (1 - cells[0]!),
    ...cells.slice(1).map((p) => noise * p),
  ];
  return buildCalibration({
    profile: PROFILE,
    executorClass: executor,
    auditorClass: auditor,
    deltaPpm: 100,
    slack: 200,
    honest: Array.from({ length: jobs }, () => {
      const margins = noise === 0 ? NEVER.slice(0, 10) : spread(HONEST_MARGINS);
      return jobOf(random, 100, margins, noise === 0 ? NEVER : spread(HONEST_B1));
    }),
    cheats: [{ name: 'seed', decisive: true, counts: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1] }],
  });
}

const entry = (...args: Parameters<typeof measured>) => calibrationEntry(measured(...args), 1);
const chosen = (executor: Uint8Array, auditor: Uint8Array, entries: ReturnType<typeof entry>[]) =>
  calibrationFor(PROFILE, executor, auditor, entries, 1e-3);

t.test('equal classes are judged by an exact one, others by a tolerant one', (t) => {
  const exact = entry(A, A, 0), tolerant = entry(B, A);
  t.equal(chosen(A, A, [tolerant, exact]), exact);
  t.equal(chosen(C, C, [tolerant, exact]), exact, 'exactness means the same in every class');
  t.equal(chosen(C, A, [exact, tolerant]), tolerant);
  t.equal(chosen(C, id(9), [exact, tolerant]), tolerant, 'a stand-in');
  t.equal(chosen(A, A, [tolerant]), null);
  t.equal(chosen(B, A, [exact]), null);
  t.equal(calibrationFor(id(7), A, A, [exact]), null, 'another model');
  t.end();
});

t.test('a class that deviates from itself stands in for no other', (t) => {
  const noisy = entry(A, A, 1);
  t.equal(chosen(A, A, [noisy]), noisy);
  t.equal(chosen(B, B, [noisy]), null);
  t.end();
});

t.test('the nearest is taken, and of equally near ones the widest', (t) => {
  const far = entry(B, C), half = entry(B, A), whole = entry(C, A), wide = entry(id(8), id(9), 2);
  t.equal(chosen(C, A, [far, half, whole]), whole);
  t.equal(chosen(id(7), A, [far, half]), half);
  t.equal(chosen(id(7), id(6), [far, wide]), wide);
  t.equal(chosen(id(7), id(6), [wide, far]), wide, 'in whatever order');
  t.end();
});

t.test('a sample that is too small decides nothing', (t) => {
  const small = entry(B, A, 1, 20), large = entry(B, C);
  t.equal(chosen(B, A, [small]), null);
  t.equal(chosen(B, A, [small, large]), large, 'better one that is farther off');
  t.end();
});

t.test('entries and files come back as they were', (t) => {
  const one = calibrationEntry(madeUp(), 5), two = entry(A, A, 0);
  t.same(readCalibrationEntry(one.block), one);
  t.same(readCalibrationFile(calibrationFile([one, two])), [one, two]);
  t.end();
});

t.test('damaged entries and files are refused', (t) => {
  const one = calibrationEntry(madeUp(), 5);
  const record = decodeRecord(one.block);
  if (record.type !== 'calibration') throw new Error('another type');
  t.throws(() => entryOf({ ...record, profile: id(9) }), { code: 'CALIBRATION_BAD' });
  const other = encodeRecord({ ...record, type: 'calibration', table: new Uint8Array([1]) });
  t.throws(() => readCalibrationEntry(other), { code: 'RECORD_TRUNCATED' });
  const file = (value: unknown) => () => readCalibrationFile(JSON.stringify(value));
  const bad = { code: 'CALIBRATION_BAD_FILE' };
  t.throws(() => readCalibrationFile('{'), bad);
  t.throws(file(null), bad);
  t.throws(file({ version: 2, entries: [] }), bad);
  t.throws(file({ version: 1, entries: [1] }), bad);
  t.throws(file({ version: 1, entries: new Array(65).fill('') }), bad);
  t.throws(file({ version: 1, entries: ['AAAA'] }), { code: 'RECORD_UNKNOWN_VERSION' });
  t.throws(() => readCalibrationFile(' '.repeat(2 ** 20 + 1)), bad);
  t.end();
});

t.test('the shipped calibrations suffice for the embedded model', async (t) => {
  const entries = await shippedCalibrations();
  const [embedded] = (await readTable()).filter(({ entry }) => entry.name === 'austen-3.7m');
  const profile = profileId(embedded!.entry.profile);
  const found = (executor: Uint8Array, auditor: Uint8Array) =>
    calibrationFor(profile, executor, auditor, entries)?.calibration;
  const exact = found(A, A), tolerant = found(A, B);
  t.ok(exact !== undefined && !deviates(exact));
  t.ok(tolerant !== undefined && deviates(tolerant));
});
