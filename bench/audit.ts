/**
 * The audit: how soon each lie shows, how often honest work does, and what it costs. Calibrated on
 * one set of prompts, reported on another; once within the exact class, once between two classes.
 */
import { randomOf } from '../tests/lib/random.ts';
import {
  calibrate,
  type Calibration,
  DEFAULT_RULES,
  isSufficient,
  TAIL_UNIT,
  upperBound,
} from '../node/audit/mod.ts';
import { LOG_UNIT } from '../feeds/trust/mod.ts';
import {
  type Answers,
  highest,
  meanTokens,
  stops,
  untilAccused,
  verdicts,
} from './audit_figures.ts';
import { audited, type AuditWorld, auditWorld, HONEST, type Lie, LIES } from './audit_world.ts';
import { type Figure, median, quantile } from './lib.ts';

/** How much is measured. */
export interface AuditBench {
  /** Honest jobs that calibrate, honest jobs that are reported, jobs a lie. */
  jobs: number;
  report: number;
  each: number;
  /** Tokens of an answer, at most. */
  tokens: number;
  /** Sentences of a long prompt. */
  long: number;
  /** Error rate of one job's tests. */
  alpha: number;
  classes: readonly ('exact' | 'two')[];
}

export const AUDIT_BENCH: AuditBench = {
  jobs: 210,
  report: 240,
  each: 32,
  tokens: 120,
  long: 12,
  alpha: DEFAULT_RULES.alpha,
  classes: ['exact', 'two'],
};

/** Prints the tables, returns the figures that have a goal. */
export async function audit(model: string, options: AuditBench): Promise<Figure[]> {
  const random = randomOf(99);
  const newSeed = () => Uint8Array.from({ length: 32 }, () => Math.floor(256 * random()));
  await using world = await auditWorld(model, { maxTokens: options.tokens, long: options.long });
  const rules = { ...DEFAULT_RULES, alpha: options.alpha };
  const figures: Figure[] = [];
  for (const which of options.classes) {
    const exact = which === 'exact';
    const name = exact ? 'exact class' : 'two classes';
    const auditor = await world.runner('own', true), own = await world.runner('own', exact);
    const calibration = await calibrate({
      executor: own,
      auditor,
      topK: world.topK,
      jobs: await world.jobs(0, options.jobs),
      deltaPpm: 100,
      seed: newSeed(),
      onProgress: (done, of) => done % 50 === 0 && console.error(`  ${name}: ${done} of ${of}`),
    });
    const set = await world.jobs(1, options.report);
    const run = async (lie: Lie, count: number): Promise<Answers> => {
      const executor = lie.weights ? await world.runner(lie.weights, exact) : own;
      const fits = set.filter(({ sampling: { tq } }) =>
        lie === HONEST || (tq > 0 && (lie.tq === undefined || tq === lie.tq))
      );
      const answers = [];
      for (const job of fits.slice(0, count)) {
        answers.push(await audited(world, job, lie, newSeed(), { executor, own, auditor }));
      }
      return answers;
    };

    console.log(`\n## ${name}${exact ? '' : ' (flash attention off on the executor’s side)'}\n`);
    describe(calibration, options.alpha);
    const honest = await run(HONEST, options.report);
    const found = verdicts(calibration, honest, exact, rules);
    const triggers = found.filter(({ verdict }) => verdict === 'trigger').length;
    const bound = 100 * upperBound(triggers, honest.length, 0.05);
    const ok = stops(calibration, honest, rules, 'honest');
    const tokens = honest.flat().length;
    const differing = honest.flat().filter(({ mismatch }) => mismatch === true).length;
    const most = highest(calibration, honest);
    console.log(
      `\n${honest.length} honest jobs, ${tokens} tokens: ${triggers} triggers (at most ` +
        `${bound.toFixed(2)} % with 95 % confidence), ${differing} sampler mismatches, lifetime ` +
        `test at most ${most.toFixed(2)} nats (accused at ${-Math.log(rules.lifetimeAlpha).toFixed(
          2,
        )})\n`,
    );
    console.log('| lie | tokens to trigger: A | B1 | either | jobs triggered | jobs, tokens |');
    console.log('|---|---|---|---|---|---|');
    const means = new Map<string, number>(), rare: string[] = [];
    for (const lie of LIES) {
      const answers = await run(lie, options.each);
      const mean = (of: 'A' | 'B1' | 'either') => meanTokens(calibration, answers, rules, of);
      const caught = verdicts(calibration, answers, exact, rules)
        .filter(({ verdict }) => verdict === 'trigger').length;
      means.set(lie.name, mean('either'));
      console.log(
        `| ${lie.name} | ${shown(mean('A'))} | ${shown(mean('B1'))} | ${shown(mean('either'))} | ` +
          `${caught} of ${answers.length} | ${answers.length}, ${answers.flat().length} |`,
      );
      if (lie.rare) rare.push(...rareLines(calibration, lie, answers, honest, world, random));
    }
    console.log('\n| lie | on | audits until accused, median | within 100 |');
    console.log(`|---|---|---|---|\n${rare.join('\n')}`);
    const figure = (what: string, value: number, goal: number) =>
      figures.push({
        name: `${name}: ${what}`,
        measured: shown(value),
        goal: `<= ${goal}`,
        met: value <= goal,
      });
    for (const { name: what, goal } of LIES) {
      if (goal) figure(`${what}, tokens`, means.get(what)!, goal);
    }
    figure('honest jobs pooled, tokens until ok, 95th percentile', quantile(ok, 0.95), 320);
    figure(`honest jobs triggered, of ${honest.length}`, triggers, 0);
  }
  figures.push(await cost(world, newSeed, random));
  return figures;
}

function shown(value: number): string {
  return value === Infinity ? 'never' : value.toFixed(1);
}

function describe(calibration: Calibration, alpha: number): void {
  const { margins, b1 } = calibration;
  console.log(`sufficient for alpha ${alpha}: ${isSufficient(calibration, alpha)}\n`);
  for (const [name, { strata, tails, alternatives }] of [['A', margins], ['B1', b1]] as const) {
    for (const { name: stratum, jobs, counts, effective } of strata) {
      console.log(
        `- ${name}, ${stratum}: ${jobs} jobs, ${counts.join(' ')}; effective ${effective}`,
      );
    }
    console.log(`- ${name}, bounds: ${tails.map((n) => (n / TAIL_UNIT).toPrecision(2)).join(' ')}`);
    for (const { name: alternative, scores } of alternatives) {
      const nats = scores.map((score) => (score / LOG_UNIT).toFixed(2)).join(' ');
      console.log(`- ${name}, scores for ${alternative}: ${nats}`);
    }
  }
}

/** The lifetime test where only some jobs, or some tokens of all jobs, are cheated. */
function rareLines(
  calibration: Calibration,
  { name }: Lie,
  cheated: Answers,
  honest: Answers,
  world: AuditWorld,
  random: () => number,
): string[] {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const lies = cheated.flat(), truths = honest.flat();
  const mixed = (share: number) =>
    Array.from({ length: world.maxTokens }, () => pick(random() < share ? lies : truths));
  const line = (what: string, next: () => Answers[number]) => {
    const audits = Array.from(
      { length: 40 },
      () => untilAccused(calibration, next, DEFAULT_RULES.lifetimeAlpha),
    ).sort((a, b) => a - b);
    const within = audits.filter((count) => count <= 100).length;
    const middle = audits[20] === Infinity ? '> 400' : String(audits[20]);
    return `| ${name} | ${what} | ${middle} | ${within} of ${audits.length} |`;
  };
  return [
    line('every job', () => pick(cheated)),
    line('5 % of the jobs', () => pick(random() < 0.05 ? cheated : honest)),
    ...[0.1, 0.05, 0.02, 0.01].map((share) =>
      line(`${100 * share} % of the tokens`, () => mixed(share))
    ),
    line('no job', () => pick(honest)),
  ];
}

/** Scoring against bare prefill of as many rows, in alternation. */
async function cost(
  world: AuditWorld,
  newSeed: () => Uint8Array,
  random: () => number,
): Promise<Figure> {
  const { engine } = world;
  const { profileId } = await world.runner('own', true);
  const ratios: number[] = [];
  for (let round = 0; round < 12; round++) {
    const ids = Array.from({ length: 400 }, () => 3 + Math.floor(random() * 2000));
    const [first, ...output] = ids;
    const run = engine.score({ profileId, prompt: [first!], output, from: 0, topK: 64 });
    let scored = await run.next();
    while (!scored.done) scored = await run.next();
    const bare = engine.generate({
      profileId,
      // Other tokens: nothing of their state may be there already.
      prompt: ids.map((id) => id + 1),
      prefix: [],
      seed: newSeed(),
      sampling: { tq: 0, pq: 65_536, maxTokens: 1 },
      stops: [],
    });
    let end = await bare.next();
    while (!end.done) end = await bare.next();
    ratios.push(scored.value.workMs / end.value.promptMs);
  }
  return {
    name: 'score / bare prefill of 400 rows',
    measured: `${median(ratios).toFixed(3)} [${quantile(ratios, 0.1).toFixed(3)} .. ${
      quantile(ratios, 0.9).toFixed(3)
    }]`,
    goal: '<= 1.20',
    met: median(ratios) <= 1.2,
  };
}
