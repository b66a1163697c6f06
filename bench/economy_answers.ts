/**
 * Measures the answers that `economy` draws from: what an auditor of another class finds in honest
 * ones, and in those of the cheat that is hardest to find among those that save most of the work.
 *
 * `nice deno run -A bench/economy_answers.ts`
 */
import { embeddedCalibration } from './economy/calibration.ts';
import { type Seen, writeAnswers } from './economy/answers.ts';
import { answerOf, evidenceOf, triggers } from './audit_figures.ts';
import { audited, auditWorld, HONEST, type Lie, LIES } from './audit_world.ts';
import { embeddedModel } from './model.ts';
import { DEFAULT_RULES } from '../node/audit/mod.ts';
import { randomOf } from '../tests/lib/random.ts';

/** Honest answers and cheated ones (which take seconds each), and output tokens of one, at most. */
const HONEST_COUNT = 400, CHEATED_COUNT = 120, TOKENS = 96;

const CHEAT = LIES.find(({ drafter }) => drafter === true)!;

const { calibration } = await embeddedCalibration();
const random = randomOf(77);
const newSeed = () => Uint8Array.from({ length: 32 }, () => Math.floor(256 * random()));
await using world = await auditWorld((await embeddedModel()).path, { maxTokens: TOKENS, long: 12 });
const auditor = await world.runner('own', true), own = await world.runner('own', false);

async function measured(lie: Lie, count: number): Promise<Seen[]> {
  const executor = await world.runner(lie.weights ?? 'own', false);
  const jobs = (await world.jobs(2 * count)).filter(({ sampling: { tq } }) => tq > 0);
  const answers: Seen[] = [];
  for (const job of jobs.slice(0, count)) {
    const seen = await audited(world, job, lie, newSeed(), { executor, own, auditor });
    const answer = answerOf(seen, DEFAULT_RULES);
    const found = triggers(calibration, answer, false, DEFAULT_RULES);
    answers.push({ found, evidence: evidenceOf(calibration, answer) });
    if (answers.length % 20 === 0) console.error(`  ${lie.name}: ${answers.length} of ${count}`);
  }
  const found = answers.filter((one) => one.found).length;
  console.log(`${lie.name}: found in ${found} of ${answers.length} answers`);
  return answers;
}

await writeAnswers({
  honest: await measured(HONEST, HONEST_COUNT),
  cheated: await measured(CHEAT, CHEATED_COUNT),
});
