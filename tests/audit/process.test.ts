import { randomOf } from '../lib/random.ts';
import fc from 'fast-check';
import t from 'tap';
import {
  type Calibration,
  type JobCounts,
  pushCell,
  startTest,
  TAIL_UNIT,
} from '../../node/audit/mod.ts';
import {
  accuses,
  averageEvidence,
  extendProcess,
  type JobEvidence,
  LOG_UNIT,
  logMean,
  logSum,
  processLog,
  startProcess,
} from '../../feeds/trust/mod.ts';
import {
  CHEAT_B1,
  CHEAT_MARGINS,
  drawCell,
  HONEST_B1,
  HONEST_MARGINS,
  jobOf,
  madeUp,
} from './fixtures.ts';

const calibration = madeUp();
const PARTS = calibration.margins.alternatives.length + calibration.b1.alternatives.length;
const ALPHA = 9e-4;

/** The evidence of a job, from its counts by cell. */
function evidenceOf({ margins, b1 }: Calibration, job: JobCounts): JobEvidence {
  const of = (counts: number[], scores: number[]) =>
    counts.reduce((total, n, cell) => total + n * scores[cell]!, 0);
  return [
    ...margins.alternatives.map(({ scores }) => of(job.margins, scores)),
    ...b1.alternatives.map(({ scores }) => of(job.b1, scores)),
  ];
}

t.test('logs of means are never above the true value, and close to it', (t) => {
  const logs = fc.array(fc.integer({ min: -40 * LOG_UNIT, max: 40 * LOG_UNIT }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(fc.property(logs, (list) => {
    const largest = Math.max(...list);
    const sum = list.reduce((s, log) => s + Math.exp((log - largest) / LOG_UNIT), 0);
    const exact = largest + Math.log(sum / list.length) * LOG_UNIT;
    const rounded = logMean(list);
    t.ok(Number.isInteger(rounded) && rounded <= exact + 1e-6 && rounded > exact - 1.01);
  }));
  t.equal(logMean([5, 5, 5]), 5);
  t.equal(logSum([{ log: 0, weight: 19 }, { log: 10 * LOG_UNIT, weight: 1 }], 20), 459_088);
  t.equal(logMean([-1e13, 0]), Math.floor(-Math.LN2 * LOG_UNIT));
  t.end();
});

t.test('one step of the process has mean at most 1 under the worst null', (t) => {
  const { tails, alternatives } = calibration.b1;
  const worst = tails.map((tail, i) => (tail - (tails[i + 1] ?? 0)) / TAIL_UNIT);
  const before = extendProcess(startProcess(PARTS), [new Array(PARTS).fill(3 * LOG_UNIT)]);
  let mean = 0;
  for (let cell = 0; cell < worst.length; cell++) {
    // A job of a single position, of which only B1 is looked at.
    const evidence = [
      ...calibration.margins.alternatives.map(() => 0),
      ...alternatives.map(({ scores }) => scores[cell]!),
    ];
    mean += worst[cell]! * Math.exp(processLog(extendProcess(before, [evidence])) / LOG_UNIT);
  }
  t.ok(mean <= Math.exp(processLog(before) / LOG_UNIT) * (1 + 2 / LOG_UNIT), `${mean}`);
  t.end();
});

t.test('honest executors at the bounds of the null are hardly ever accused', (t) => {
  const random = randomOf(11);
  const worst = (tails: number[]) =>
    tails.map((tail, i) => (tail - (tails[i + 1] ?? 0)) / TAIL_UNIT);
  const margins = worst(calibration.margins.tails), b1 = worst(calibration.b1.tails);
  let accused = 0, mean = 0;
  const executors = 120;
  for (let i = 0; i < executors; i++) {
    let process = startProcess(PARTS), ever = false;
    for (let epoch = 0; epoch < 6; epoch++) {
      const job = evidenceOf(calibration, jobOf(random, 30, margins, b1));
      process = extendProcess(process, [job]);
      ever ||= accuses(process, 0.05);
    }
    if (ever) accused++;
    mean += Math.exp(processLog(process) / LOG_UNIT) / executors;
  }
  // Ville: at most 6 expected of 120; 16 or more has a chance below 1e-3.
  t.ok(accused < 16, `${accused} of ${executors} at 5 %`);
  t.ok(mean < 3, `${mean}`);
  t.end();
});

t.test('the order of jobs within an epoch changes nothing', (t) => {
  const job = fc.array(fc.integer({ min: -9 * LOG_UNIT, max: 9 * LOG_UNIT }), {
    minLength: PARTS,
    maxLength: PARTS,
  });
  fc.assert(
    fc.property(fc.array(job, { maxLength: 6 }), job, (jobs, past) => {
      const before = extendProcess(startProcess(PARTS), [past]);
      const one = extendProcess(before, jobs);
      t.strictSame(extendProcess(before, [...jobs].reverse()), one);
      t.equal(one.jobs, 1 + jobs.length);
    }),
    { numRuns: 40 },
  );
  t.end();
});

const honestJob = (random: () => number) => evidenceOf(calibration, jobOf(random, 80));
const cheatedJob = (random: () => number) =>
  evidenceOf(calibration, jobOf(random, 80, CHEAT_MARGINS, HONEST_B1));

/** Audited jobs, one an epoch, until the executor is accused; `most` where it is not. */
function untilAccused(next: (n: number) => JobEvidence, most: number): number {
  let process = startProcess(PARTS);
  for (let n = 1; n <= most; n++) {
    process = extendProcess(process, [next(n)]);
    if (accuses(process, ALPHA)) return n;
  }
  return most;
}

t.test('a cheat on every job falls at once, one on every twentieth within a hundred', (t) => {
  const random = randomOf(5);
  t.ok(untilAccused(() => cheatedJob(random), 10) <= 3);
  const late = Array.from(
    { length: 40 },
    () => untilAccused(() => random() < 0.05 ? cheatedJob(random) : honestJob(random), 101),
  ).filter((n) => n > 100).length;
  t.ok(late <= 2, `${late} of 40 after more than 100 audits`);
  t.equal(untilAccused(() => honestJob(random), 200), 200, 'an honest one never');
  t.end();
});

t.test('a cheat on one token in twenty falls, too', (t) => {
  const random = randomOf(6);
  const mix = (honest: number[], cheat: number[]) =>
    honest.map((p, i) => 0.95 * p + 0.05 * cheat[i]!);
  const margins = mix(HONEST_MARGINS, CHEAT_MARGINS), b1 = mix(HONEST_B1, CHEAT_B1);
  const next = () => evidenceOf(calibration, jobOf(random, 80, margins, b1));
  t.ok(untilAccused(next, 60) < 60);
  t.end();
});

t.test('a long honest past buys no cheating', (t) => {
  const random = randomOf(8);
  const honest = 150;
  const n = untilAccused((n) => n <= honest ? honestJob(random) : cheatedJob(random), honest + 20);
  t.ok(n > honest && n <= honest + 4, `${n - honest} jobs after ${honest} honest ones`);
  t.end();
});

t.test('several auditors of one job count once', (t) => {
  const one = cheatedJob(randomOf(9));
  t.strictSame(averageEvidence([one, one, one]), [...one]);
  const low = one.map((log) => log - LOG_UNIT);
  averageEvidence([one, low])!.forEach((log, i) => t.ok(log < one[i]! && log > low[i]!));
  t.end();
});

t.test('a lying auditor, alone, accuses nobody and clears nobody', (t) => {
  const random = randomOf(10);
  const honest = honestJob(random), cheated = cheatedJob(random);
  const always = honest.map(() => 1000 * LOG_UNIT), never = honest.map(() => -1000 * LOG_UNIT);
  const fooled = (n: number, truth: JobEvidence, lie: JobEvidence) => {
    let process = startProcess(PARTS);
    for (let i = 0; i < n; i++) {
      process = extendProcess(process, [averageEvidence([truth, lie, truth], 1)!]);
    }
    return accuses(process, ALPHA);
  };
  t.equal(fooled(100, honest, always), false);
  t.equal(fooled(3, cheated, never), true);
  t.equal(averageEvidence([always], 1), null, 'alone it decides nothing');
  t.end();
});

t.test('evidence out of bounds is refused with a code', (t) => {
  const good = new Array<number>(PARTS).fill(0);
  for (const bad of [NaN, Infinity, 0.5, 2 ** 50]) {
    const logs = good.with(0, bad);
    t.throws(() => averageEvidence([good, logs]), { code: 'EVIDENCE_BAD' });
    t.throws(() => extendProcess(startProcess(PARTS), [logs]), { code: 'EVIDENCE_BAD' });
  }
  t.throws(() => averageEvidence([good, []]), { code: 'EVIDENCE_BAD' });
  t.end();
});

t.test('one job: honest work ends honest, cheating triggers, false triggers are rare', (t) => {
  const random = randomOf(12);
  const rates = { alpha: 0.02, beta: 0.01 };
  const { margins } = calibration;
  const run = (cells: number[], tokens: number) => {
    let state = startTest(margins, null);
    for (let i = 0; i < tokens; i++) {
      state = pushCell(margins, state, drawCell(random, cells), rates);
    }
    return state;
  };
  const worst = margins.tails.map((tail, i) => (tail - (margins.tails[i + 1] ?? 0)) / TAIL_UNIT);
  const outcomes = Array.from({ length: 1000 }, () => run(worst, 100).outcome);
  const triggers = outcomes.filter((outcome) => outcome === 'cheat').length;
  // Half of alpha for this statistic: 10 expected at most; 24 or more has a chance below 1e-4.
  t.ok(triggers < 24, `${triggers} of 1000`);
  t.equal(run(CHEAT_MARGINS, 60).outcome, 'cheat');
  t.equal(run(HONEST_MARGINS, 300).outcome, 'honest');
  const open = run(HONEST_MARGINS, 4);
  t.equal(open.outcome, 'open');
  t.strictSame(startTest(margins, open), open, 'sums are carried over');
  t.end();
});
