import t from 'tap';
import fc from 'fast-check';
import {
  begin,
  type Canary,
  nextStep,
  plantingChance,
  type Progress,
} from '../../node/canary/mod.ts';

const RULES = { challengeCuts: 40 };
const canary = { wait: 2 } as Canary;
const step = (progress: Partial<Progress>, epoch: number) =>
  nextStep({ canary, progress: { ...begin(10), ...progress } }, epoch, RULES);

t.test('the job is sent some cuts after the one with its plan, and never before', (t) => {
  t.equal(step({}, 12), null);
  t.equal(step({ planned: 12 }, 12), null);
  t.equal(step({ planned: 12 }, 13), null);
  t.equal(step({ planned: 12 }, 14), 'ask');
  t.equal(step({ planned: 12, asked: 14 }, 15), null, 'once');
  t.end();
});

t.test('the plan is opened as soon as the audit is over, also after a restart', (t) => {
  const closed = { planned: 12, asked: 14, subject: 'aa', closed: 20 };
  t.equal(step({ ...closed, closed: null }, 20), null);
  t.equal(step(closed, 20), 'reveal');
  t.equal(step(closed, 500), 'reveal', 'however late: it may still count');
  t.equal(step({ ...closed, revealed: true }, 21), null);
  t.end();
});

t.test('what nothing can come of is let go', (t) => {
  fc.assert(fc.property(
    fc.record({
      planned: fc.option(fc.integer({ min: 11, max: 20 })),
      asked: fc.option(fc.integer({ min: 20, max: 30 })),
      subject: fc.option(fc.constant('aa')),
    }),
    (progress) => {
      const state: Partial<Progress> = { ...progress };
      for (let epoch = 10; epoch < 200; epoch++) {
        const next = step(state, epoch);
        if (next === 'drop') return true;
        if (next === 'ask') state.asked = epoch;
      }
      return false;
    },
  ));
  t.end();
});

t.test('as many jobs are planted as are to be', (t) => {
  // Three witnesses, twenty audits a cut, each of their own jobs audited with a chance of one half.
  const chance = plantingChance(0.05, 20, 3, 0.5);
  t.ok(Math.abs(3 * chance * 0.5 - 0.05 * 20) < 1e-9, 'one of the twenty');
  t.equal(plantingChance(0.05, 0, 3, 1), 0);
  t.equal(plantingChance(0.5, 1000, 1, 0), 1);
  t.end();
});
