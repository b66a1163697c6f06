/**
 * The audit between two real backends: an executor on the processor and an auditor on Vulkan, and the
 * other way round. Judged by the calibration that a network would choose for two classes that nobody
 * has measured together.
 *
 * Where there is no graphics card, Mesa's lavapipe does: Debian's `mesa-vulkan-drivers`, and
 * `GGML_VK_VISIBLE_DEVICES=0`, since llama.cpp passes over devices that are processors.
 */
import { dirname } from 'node:path';
import { equalBytes } from '../feeds/base/mod.ts';
import {
  type CalibrationJob,
  DEFAULT_RULES,
  LOGIT_SCORE_UNIT,
  type Observation,
  type Runner,
} from '../node/audit/mod.ts';
import { calibrationFor, shippedCalibrations } from '../node/calibration/mod.ts';
import { createEngine } from '../node/engine/mod.ts';
import { makeProfile } from '../node/models/mod.ts';
import { randomOf } from '../tests/lib/random.ts';
import { answerOf, meanTokens } from './audit_figures.ts';
import { honestLines, printTable, type Result, scoreboard } from './audit_tables.ts';
import { audited, auditWorld, HONEST, type Lie, LIES } from './audit_world.ts';
import { type Figure, quantile } from './lib.ts';

/** How much is measured. */
export interface BackendsBench {
  /** Honest jobs from the processor to Vulkan, and back: decoding on a processor's Vulkan is slow. */
  forth: number;
  back: number;
  /** Jobs a lie. */
  each: number;
  /** Tokens of an answer, at most. */
  tokens: number;
  /** Sentences of a long prompt. */
  long: number;
}

export const BACKENDS_BENCH: BackendsBench = { forth: 48, back: 12, each: 6, tokens: 48, long: 8 };

/** Prints the tables, returns the figures that have a goal. */
export async function backends(model: string, options: BackendsBench): Promise<Figure[]> {
  await using engine = createEngine({
    roots: [dirname(model)],
    gpu: 'vulkan',
    threads: { single: 1, batch: 1, pad: false },
    maxSlots: 1,
  });
  const { profile } = await makeProfile(model);
  let vulkan: Runner, device: string;
  try {
    const info = await engine.info();
    if (info.backend !== 'vulkan' || info.device === '') throw new Error('it has no device');
    device = info.device;
    const files = { weights: model, vocabulary: model };
    const loaded = await engine.load(profile, files, { weights: true });
    vulkan = { engine, profileId: loaded.profileId, class: loaded.class };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const measured = `not measured: no Vulkan here (${why})`;
    return [{ name: 'two backends', measured, goal: 'told', met: true }];
  }
  await using world = await auditWorld(model, { maxTokens: options.tokens, long: options.long });
  const random = randomOf(77);
  const newSeed = () => Uint8Array.from({ length: 32 }, () => Math.floor(256 * random()));
  const cpu = await world.runner('own', true);
  if (equalBytes(cpu.class, vulkan.class)) throw new Error('both backends are of one class');
  const shipped = await shippedCalibrations();
  const rules = DEFAULT_RULES;
  const found = calibrationFor(cpu.profileId, cpu.class, vulkan.class, shipped, rules.alpha);
  if (found === null) throw new Error('no calibration of the model suffices');
  const { calibration } = found;
  console.log(`\n## Processor and ${device}\n`);

  const figures: Figure[] = [], honestRows: string[] = [], noise: string[] = [];
  const run = async (
    lie: Lie,
    jobs: readonly CalibrationJob[],
    [executor, auditor]: readonly [Runner, Runner],
  ): Promise<Observation[][]> => {
    const seen = [];
    for (const job of jobs) {
      seen.push(await audited(world, job, lie, newSeed(), { executor, own: cpu, auditor }));
    }
    return seen;
  };
  for (
    const [name, count, pair] of [
      ['processor to Vulkan', options.forth, [cpu, vulkan]],
      ['Vulkan to processor', options.back, [vulkan, cpu]],
    ] as const
  ) {
    console.error(`  ${name}: honest`);
    const seen = await run(HONEST, await world.jobs(count), pair);
    const told = honestLines(calibration, seen.map((one) => answerOf(one, rules)), false, rules);
    honestRows.push(...told.rows.map((row) => `| ${name} ${row}`));
    noise.push(`| ${name} | ${deviation(seen.flat())} |`);
    figures.push({
      name: `${name}: honest jobs accused or triggered, of ${count}`,
      measured: `${told.accused}, ${told.triggered}`,
      goal: '0, 0',
      met: told.accused === 0 && told.triggered === 0,
    });
  }
  const results: Result[] = [];
  for (const lie of LIES) {
    console.error(`  processor to Vulkan: ${lie.name}`);
    const executor = await world.runner(lie.weights ?? 'own', true, lie.cache);
    const fits = (await world.jobs(10 * options.each))
      .filter(({ sampling: { tq } }) => tq > 0 && (lie.tq === undefined || tq === lie.tq));
    const seen = await run(lie, fits.slice(0, options.each), [executor, vulkan]);
    const answers = seen.map((one) => answerOf(one, rules));
    results.push({ lie, exact: false, answers, calibration, where: 'backends' });
    if (lie.goal === undefined || lie.exactOnly) continue;
    const { mean } = meanTokens(calibration, answers, rules, 'A or B1');
    figures.push({
      name: `backends: ${lie.name}, tokens`,
      measured: mean === Infinity ? 'never' : mean.toFixed(1),
      goal: `<= ${lie.goal}`,
      met: mean <= lie.goal,
    });
  }
  printTable(
    'Honest deviation',
    [
      'from executor to auditor',
      'tokens',
      'drawn otherwise',
      'margin > 0.1',
      'B1 mean',
      'p99',
      'max',
    ],
    noise,
  );
  printTable(
    'Honest',
    ['from executor to auditor', 'prompts', 'audits', 'tokens', 'false triggers', 'lifetime'],
    honestRows,
  );
  printTable('Scoreboard', scoreboard.columns, scoreboard.rows(results, rules));
  return figures;
}

/** Nats, but for counts: how far the auditor's logits lie from the claimed ones. */
function deviation(seen: readonly Observation[]): string {
  const b1 = seen.map(({ b1 }) => Math.abs(b1) / 16);
  const share = (count: number) => `${(100 * count / seen.length).toFixed(2)} %`;
  return [
    seen.length,
    share(seen.filter(({ mismatch }) => mismatch === true).length),
    share(seen.filter(({ soft }) => soft > 0.1 * LOGIT_SCORE_UNIT).length),
    (b1.reduce((sum, one) => sum + one, 0) / b1.length).toFixed(4),
    quantile(b1, 0.99).toFixed(3),
    quantile(b1, 1).toFixed(3),
  ].join(' | ');
}
