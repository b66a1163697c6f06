/**
 * The audit: how soon each lie shows, how often honest work does, and what it costs. Calibrated on
 * one set of prompts, reported on another.
 *
 * `deno run -A bench/audit.ts [model.gguf] [--jobs N] [--report N] [--each N] [--tokens N]
 *   [--alpha P] [--class 1|2]`: jobs that calibrate, honest jobs reported, jobs a lie, tokens a job,
 * error rate, one class alone (1: exact, 2: two classes)
 */
import { fileURLToPath } from 'node:url';
import {
  accuses,
  averageEvidence,
  b1Cell,
  calibrate,
  type Calibration,
  DEFAULT_RULES,
  extendProcess,
  isSufficient,
  jobEvidence,
  judge,
  LOG_UNIT,
  marginCell,
  type Observation,
  processLog,
  pushCell,
  startProcess,
  startTest,
  upperBound,
} from '../node/audit/mod.ts';
import { audited, auditWorld, HONEST, type Lie, LIES, randomOf } from './audit_world.ts';
import { quantile } from './lib.ts';

const flag = (name: string, otherwise: number) => {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
};
const named = Deno.args[0]?.endsWith('.gguf') ? Deno.args[0] : undefined;
const model = named ??
  fileURLToPath(new URL('../models/austen-3.7m-q8_0.gguf', import.meta.url));
const jobs = flag('jobs', 240), report = flag('report', 300), each = flag('each', 40);
const classes = [true, false].filter((exact) => flag('class', exact ? 1 : 2) === (exact ? 1 : 2));
const world = await auditWorld(model, {
  maxTokens: flag('tokens', 120),
  long: flag('long', 12),
});
const rules = { ...DEFAULT_RULES, alpha: flag('alpha', DEFAULT_RULES.alpha) };
const random = randomOf(99);
const rare: string[] = [];
const newSeed = () => Uint8Array.from({ length: 32 }, () => Math.floor(256 * random()));

for (const exact of classes) {
  const auditor = await world.runner('own', true);
  const own = await world.runner('own', exact);
  const calibration = await calibrate({
    executor: own,
    auditor,
    topK: world.topK,
    jobs: await world.jobs(0, jobs),
    deltaPpm: 100,
    seed: newSeed(),
    onProgress: (done, of) => done % 40 === 0 && console.error(`calibration ${done}/${of}`),
  });
  console.log(
    `\n## ${exact ? 'exact class' : 'two classes (flash attention off for the executor)'}\n`,
  );
  describe(calibration);
  const set = await world.jobs(1, report);
  const run = async (lie: Lie, count: number) => {
    const executor = lie.weights ? await world.runner(lie.weights, exact) : own;
    const all: Observation[][] = [];
    for (const job of set) {
      if (all.length === count) break;
      if (job.sampling.tq === 0 || (lie.tq !== undefined && job.sampling.tq !== lie.tq)) {
        if (lie !== HONEST) continue;
      }
      all.push(await audited(world, job, lie, newSeed(), { executor, own, auditor }));
    }
    return all;
  };
  const honest = await run(HONEST, report);
  honestFigures(calibration, honest, exact);
  console.log('\n| lie | A | B1 | either | jobs triggered | by exact rule | jobs, tokens |');
  console.log('|---|---|---|---|---|---|---|');
  for (const lie of LIES) {
    const cheated = await run(lie, each);
    lieFigures(calibration, lie, cheated, exact);
    if (lie.name === 'q4_0 weights' || lie.name === 'wrong seed') {
      rareFigures(calibration, lie, cheated, honest);
    }
  }
  console.log(`\n| lie on | share | audits until accused, median | within 100 |`);
  console.log(`|---|---|---|---|\n${rare.splice(0).join('\n')}`);
}
await cost();
await world[Symbol.asyncDispose]();
Deno.exit(0);

function describe(calibration: Calibration): void {
  console.log(`sufficient for alpha ${rules.alpha}: ${isSufficient(calibration, rules.alpha)}\n`);
  for (
    const [name, { strata, tails, alternatives }] of [['A', calibration.margins], [
      'B1',
      calibration.b1,
    ]] as const
  ) {
    for (const s of strata) {
      console.log(`- ${name} ${s.name}: ${s.jobs} jobs, effective ${s.effective}, ${s.counts}`);
    }
    console.log(`- ${name} bounds: ${tails.map((tail) => (tail / 2 ** 32).toExponential(1))}`);
    for (const a of alternatives) {
      console.log(`- ${name} ${a.name}: ${a.scores.map((s) => (s / LOG_UNIT).toFixed(2))}`);
    }
  }
}

function verdictOf(calibration: Calibration, observations: Observation[], exact: boolean) {
  return judge({
    contradictions: [],
    observations,
    exact,
    calibration,
    carried: null,
    process: null,
    rules,
  });
}

function honestFigures(calibration: Calibration, honest: Observation[][], exact: boolean): void {
  const verdicts = honest.map((observations) => verdictOf(calibration, observations, exact));
  const triggers = verdicts.filter(({ verdict }) => verdict === 'trigger').length;
  const kinds = verdicts.flatMap((v) =>
    v.verdict === 'trigger' ? v.reasons.map((r) => r.kind) : []
  );
  const tokens = honest.flat().length;
  const bound = upperBound(triggers, honest.length, 0.05);
  console.log(`\nhonest: ${honest.length} jobs, ${tokens} tokens: ${triggers} triggers`);
  console.log(`(${kinds.join(', ') || 'none'}; at most ${(100 * bound).toFixed(2)} % with 95 %)`);
  const mismatches = honest.flat().filter(({ mismatch }) => mismatch === true).length;
  console.log(`sampler mismatches: ${mismatches} of ${tokens}`);
  // Pooled: each job goes on with the sums of the one before.
  const ok = stops(calibration, honest, 'honest');
  console.log(
    `tokens until ok, pooled: median ${quantile(ok, 0.5)}, 95th percentile ${
      quantile(ok, 0.95).toFixed(0)
    } (${ok.length} runs)`,
  );
  let process = startProcess(jobEvidence(calibration, []).length), most = -Infinity;
  for (const observations of honest) {
    process = extendProcess(process, [averageEvidence([jobEvidence(calibration, observations)])!]);
    most = Math.max(most, processLog(process) / LOG_UNIT);
  }
  console.log(`lifetime test over all of them: highest ${most.toFixed(2)} nats (fraud at 6.91)`);
}

/** Positions that the tests took to end so, over the jobs one after the other. */
function stops(
  { margins, b1 }: Calibration,
  all: Observation[][],
  outcome: 'honest' | 'cheat',
  which: 'A' | 'B1' | 'either' = 'either',
): number[] {
  let a = startTest(margins, null), b = startTest(b1, null), count = 0;
  const lengths: number[] = [];
  for (const { soft, b1: difference } of all.flat()) {
    count++;
    a = pushCell(margins, a, marginCell(soft), rules);
    b = pushCell(b1, b, b1Cell(difference), rules);
    const over = outcome === 'honest'
      ? a.outcome === 'honest' && b.outcome === 'honest'
      : (which !== 'B1' && a.outcome === 'cheat') || (which !== 'A' && b.outcome === 'cheat');
    if (over) lengths.push(count);
    if (over) a = startTest(margins, null), b = startTest(b1, null), count = 0;
  }
  return lengths;
}

function lieFigures(
  calibration: Calibration,
  { name }: Lie,
  all: Observation[][],
  exact: boolean,
): void {
  const mean = (which: 'A' | 'B1' | 'either') => {
    const lengths = stops(calibration, all, 'cheat', which);
    const positions = all.flat().length;
    return lengths.length === 0 ? `> ${positions}` : (positions / lengths.length).toFixed(1);
  };
  const verdicts = all.map((observations) => verdictOf(calibration, observations, exact));
  const triggered = verdicts.filter(({ verdict }) => verdict === 'trigger').length;
  const firsts = all.map((observations) =>
    observations.findIndex(({ mismatch, b1 }) => mismatch === true || b1 !== 0) + 1
  ).filter((at) => at > 0);
  const rule = !exact
    ? '-'
    : `${firsts.length} jobs, mean ${
      (firsts.reduce((x, y) => x + y, 0) / firsts.length).toFixed(1)
    }`;
  console.log(
    `| ${name} | ${mean('A')} | ${mean('B1')} | ${
      mean('either')
    } | ${triggered} of ${all.length} | ` +
      `${rule} | ${all.length}, ${all.flat().length} |`,
  );
}

/** Lies on some jobs, or on some tokens of all jobs: audits until the lifetime test accuses. */
function rareFigures(
  calibration: Calibration,
  { name }: Lie,
  cheated: Observation[][],
  honest: Observation[][],
): void {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const lies = cheated.flat(), truths = honest.flat();
  const job = (share: number) =>
    Array.from({ length: world.maxTokens }, () => pick(random() < share ? lies : truths));
  const until = (next: () => Observation[], most = 400): number => {
    let process = startProcess(jobEvidence(calibration, []).length);
    for (let audits = 1; audits <= most; audits++) {
      process = extendProcess(process, [jobEvidence(calibration, next())]);
      if (accuses(process, rules.lifetimeAlpha)) return audits;
    }
    return Infinity;
  };
  const line = (what: string, next: () => Observation[]) => {
    const runs = Array.from({ length: 40 }, () => until(next)).sort((x, y) => x - y);
    const within = runs.filter((audits) => audits <= 100).length;
    const middle = runs[20]! === Infinity ? '> 400' : String(runs[20]);
    rare.push(`| ${name} | ${what} | ${middle} | ${within} of ${runs.length} |`);
  };
  line('every job', () => pick(cheated));
  line('5 % of the jobs', () => pick(random() < 0.05 ? cheated : honest));
  for (const share of [0.1, 0.05, 0.02, 0.01]) {
    line(`${100 * share} % of the tokens`, () => job(share));
  }
  line('no job (honest)', () => pick(honest));
}

/** Scoring against bare prefill of the same number of rows, in alternation. */
async function cost(): Promise<void> {
  const { engine } = world;
  const { profileId } = await world.runner('own', true);
  const vocabulary = 2000, rows = flag('rows', 400);
  const ratios: number[] = [];
  for (let round = 0; round < flag('rounds', 12); round++) {
    const ids = Array.from({ length: rows }, () => 3 + Math.floor(random() * (vocabulary - 3)));
    const run = engine.score({
      profileId,
      prompt: ids.slice(0, 1),
      output: ids.slice(1),
      from: 0,
      topK: 64,
    });
    let step = await run.next();
    while (!step.done) step = await run.next();
    const bare = engine.generate({
      profileId,
      prompt: ids.map((id) => id + 1),
      prefix: [],
      seed: newSeed(),
      sampling: { tq: 0, pq: 65_536, maxTokens: 1 },
      stops: [],
    });
    let end = await bare.next();
    while (!end.done) end = await bare.next();
    ratios.push(step.value.workMs / end.value.promptMs);
  }
  console.log(
    `\nscore / bare prefill of ${rows} rows: median ${quantile(ratios, 0.5).toFixed(3)}, ` +
      `10th to 90th percentile ${quantile(ratios, 0.1).toFixed(3)} to ${
        quantile(ratios, 0.9).toFixed(3)
      }`,
  );
}
