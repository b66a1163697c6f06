/**
 * The audit: how soon each lie shows, how often honest work does, and what it costs. Prints the
 * tables of docs/audit.md. Judged by the calibrations that ship with the program, or by those that
 * are measured here for a model that has none; reported on other prompts. Once within the exact
 * class, once between two classes.
 */
import { equalBytes } from '../feeds/base/mod.ts';
import {
  type Calibration,
  type CalibrationJob,
  DEFAULT_RULES,
  isSufficient,
  type Runner,
} from '../node/audit/mod.ts';
import { calibrationFor, measure, shippedCalibrations } from '../node/calibration/mod.ts';
import { makeProfile } from '../node/models/mod.ts';
import { randomOf } from '../tests/lib/random.ts';
import { cost } from './audit_cost.ts';
import { answerOf, type Answers, meanTokens, stops } from './audit_figures.ts';
import { readHonest } from './audit_honest.ts';
import { hunted } from './audit_hunter.ts';
import {
  calibrationLines,
  honestLines,
  lifetimeLines,
  printTable,
  type Result,
  scoreboard,
} from './audit_tables.ts';
import { audited, type AuditWorld, auditWorld, HONEST, type Lie, LIES } from './audit_world.ts';
import { type Figure, quantile } from './lib.ts';

/** How much is measured. */
export interface AuditBench {
  /** Honest jobs that calibrate where no calibration ships, honest jobs reported, jobs a lie. */
  jobs: number;
  report: number;
  each: number;
  /** Tokens of an answer, at most. */
  tokens: number;
  /** Sentences of a long prompt. */
  long: number;
  /** Error rate of one job's tests. */
  alpha: number;
  /** Measurements of the cost. */
  rounds: number;
  /** A file of {@link readHonest} that is reported in place of `report` jobs; null without one. */
  honest: string | null;
}

export const AUDIT_BENCH: AuditBench = {
  jobs: 300,
  report: 240,
  each: 24,
  tokens: 96,
  long: 12,
  alpha: DEFAULT_RULES.alpha,
  rounds: 21,
  honest: null,
};

const CLASSES = ['exact', 'two'] as const;
/** The row of prompts that a requester hunts in. */
const HUNTER = 7;

/** Prints the tables, returns the figures that have a goal. */
export async function audit(model: string, options: AuditBench): Promise<Figure[]> {
  const random = randomOf(99);
  const newSeed = () => Uint8Array.from({ length: 32 }, () => Math.floor(256 * random()));
  await using world = await auditWorld(model, { maxTokens: options.tokens, long: options.long });
  const rules = { ...DEFAULT_RULES, alpha: options.alpha };
  const figures: Figure[] = [];
  const results: Result[] = [], rare: string[] = [], honestTable: string[] = [];
  for (const name of CLASSES) {
    const exact = name === 'exact';
    const auditor = await world.runner('own', true);
    const executorOf = ({ weights, cache }: Lie) =>
      // Caches of other types want flash attention.
      world.runner(weights ?? 'own', exact || cache !== undefined, cache);
    const own = await executorOf(HONEST);
    const calibration = await calibrationOf(model, world, { own, auditor }, options, newSeed());
    console.log(`\n## ${exact ? 'Exact class' : 'Two classes'}\n`);
    for (const line of calibrationLines(calibration, options.alpha)) console.log(line);
    const runJobs = async (lie: Lie, jobs: readonly CalibrationJob[]): Promise<Answers> => {
      const executor = await executorOf(lie), answers = [];
      for (const job of jobs) {
        const seen = await audited(world, job, lie, newSeed(), { executor, own, auditor });
        answers.push(answerOf(seen, rules));
      }
      return answers;
    };
    const run = async (lie: Lie, count: number): Promise<Answers> => {
      const fits = (await world.jobs(10 * count)).filter(({ sampling: { tq } }) =>
        lie === HONEST || (tq > 0 && (lie.tq === undefined || tq === lie.tq))
      );
      return await runJobs(lie, fits.slice(0, count));
    };
    const honest = options.honest === null
      ? await run(HONEST, options.report)
      : await readHonest(options.honest, exact);
    const told = honestLines(calibration, honest, exact, rules);
    const noise = await hunted(
      (count) => world.jobs(count, HUNTER),
      (jobs) => runJobs(HONEST, jobs),
    );
    const hunter = honestLines(calibration, noise, exact, rules).rows.at(-1)!;
    honestTable.push(
      ...told.rows.map((row) => `| ${name} ${row}`),
      `| ${name} ${hunter.replace('| all |', '| noisiest of 60 |')}`,
    );
    for (const lie of LIES) {
      console.error(`  ${name}: ${lie.name}`);
      const answers = await run(lie, options.each);
      const { mean } = meanTokens(
        calibration,
        answers,
        rules,
        exact ? 'any difference' : 'A or B1',
      );
      results.push({ lie, exact, answers, calibration });
      if (lie.rare) rare.push(...lifetimeLines(calibration, lie, answers, honest, name, random));
      if (lie.goal === undefined || (lie.exactOnly && !exact)) continue;
      figures.push({
        name: `${name}: ${lie.name}, tokens`,
        measured: shown(mean),
        goal: `<= ${lie.goal}`,
        met: mean <= lie.goal,
      });
    }
    const ok = quantile(stops(calibration, honest, rules, 'honest'), 0.95);
    figures.push({
      name: `${name}: honest jobs pooled, tokens until ok, 95th percentile`,
      measured: shown(ok),
      goal: '<= 320',
      met: ok <= 320,
    }, {
      name: `${name}: honest jobs accused or triggered, of ${honest.length}`,
      measured: `${told.accused}, ${told.triggered}`,
      goal: '0, <= alpha',
      met: told.accused === 0 && told.triggered <= options.alpha * honest.length,
    });
  }
  printTable(
    'Honest',
    ['class', 'prompts', 'audits', 'tokens', 'false triggers', 'lifetime'],
    honestTable,
  );
  printTable('Scoreboard', scoreboard.columns, scoreboard.rows(results, rules));
  printTable('Lifetime test', ['class', 'cheat', 'on', 'audits, median', 'within 100'], rare);
  figures.push(...await cost(world, model, newSeed, options.rounds));
  return figures;
}

/** What ships where it suffices, else what is measured now. */
async function calibrationOf(
  model: string,
  { engine }: AuditWorld,
  { own, auditor }: { own: Runner; auditor: Runner },
  { jobs, tokens, alpha }: AuditBench,
  seed: Uint8Array,
): Promise<Calibration> {
  const same = equalBytes(own.class, auditor.class);
  const shipped = await shippedCalibrations();
  const found = calibrationFor(auditor.profileId, own.class, auditor.class, shipped, alpha);
  if (found !== null) return found.calibration;
  const { profile } = await makeProfile(model);
  const measured = await measure({
    engine,
    profile,
    files: { weights: model, vocabulary: model },
    executor: same ? 'own' : 'other',
    jobs,
    maxTokens: tokens,
    seed,
    random: randomOf(3),
    signal: new AbortController().signal,
    onProgress: (done, of) => done % 50 === 0 && console.error(`  calibration: ${done} of ${of}`),
  });
  if (!isSufficient(measured, alpha)) {
    console.log('\nnot sufficient: every verdict is inconclusive');
  }
  return measured;
}

function shown(value: number): string {
  return value === Infinity ? 'never' : value.toFixed(1);
}
