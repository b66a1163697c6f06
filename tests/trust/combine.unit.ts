import fc from 'fast-check';
import t from 'tap';
import { LOG_UNIT, logMean, MAX_LOG } from '../../feeds/trust/mod.ts';
import { combine } from '../../feeds/trust/combine.ts';
import type { Duty } from '../../feeds/trust/mod.ts';

const duty = (log: number | null): Duty => ({
  calibration: { hash: '', place: { core: '', index: 0, cut: 0 }, alternatives: 1 },
  revealed: log === null ? null : { finding: 'ok', evidence: [log] },
} as unknown as Duty);
const only = (first: (number | null)[], panel: (number | null)[] | null = null): number =>
  combine(first.map(duty), panel?.map(duty) ?? null).get(1)![0]!;

const honest = fc.integer({ min: -60 * LOG_UNIT, max: 60 * LOG_UNIT });
const lie = fc.option(fc.integer({ min: -MAX_LOG, max: MAX_LOG }));

t.test('liars below a half add nothing to what honest auditors found, by word or by silence', (t) => {
  const mixed = fc.integer({ min: 2, max: 7 }).chain((size) => {
    const liars = Math.max(1, Math.floor((size - 1) / 2));
    return fc.tuple(
      fc.array(honest, { minLength: size - liars, maxLength: size - liars }),
      fc.array(lie, { minLength: liars, maxLength: liars }),
    );
  });
  fc.assert(fc.property(mixed, ([truths, lies]) => only([...truths, ...lies]) <= logMean(truths)));
  t.end();
});

t.test('an audit whose panel may or may not come is one e-value', (t) => {
  // Two worlds of equal chance, in which a job's e-values are e and 2 - e; the panel comes in one.
  for (const log of [0, LOG_UNIT / 4, LOG_UNIT / 2]) {
    const other = Math.floor(Math.log(2 - Math.exp(log / LOG_UNIT)) * LOG_UNIT);
    const mean = (Math.exp(only([log, log], [log, log, log]) / LOG_UNIT) +
      Math.exp(only([other, other]) / LOG_UNIT)) / 2;
    t.ok(mean <= 1, `${mean}`);
  }
  t.end();
});

t.test('the panel makes good what one of the first auditors denied', (t) => {
  const found = 20 * LOG_UNIT;
  t.ok(only([found, -MAX_LOG]) < 0);
  const log = only([found, -MAX_LOG], [found, found, found, found, found]);
  t.ok(log > 15 * LOG_UNIT && log < found);
  t.end();
});

t.test('one auditor alone accuses nobody, and no evidence is none', (t) => {
  t.ok(only([50 * LOG_UNIT]) <= 0);
  t.ok(only([50 * LOG_UNIT, null]) <= 0);
  t.equal(combine([duty(null), duty(null)], null).size, 0);
  t.equal(combine([], null).size, 0);
  t.end();
});
