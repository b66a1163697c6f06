import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { LIMITS } from '../../feeds/records/mod.ts';
import {
  evaluateWork,
  planWork,
  type WorkBounds,
  type WorkFigures,
} from '../../fingerprint/work/mod.ts';
import { randomOf } from '../lib/random.ts';
import { bytes32 } from '../trust/world.ts';
import { MACHINE, perform } from './machine.ts';

const BOUNDS: WorkBounds = {
  contextSize: 4096,
  maxPromptTokens: 131_072,
  maxTokens: 32_768,
  claim: { prefill: 300, decode: 90, streams: 4, context: 4096 },
  runs: 9,
};
const NONCE = bytes32('nonce');

t.test('a plan follows from its nonce, and nothing of two plans is alike', (t) => {
  const plan = planWork(NONCE, BOUNDS);
  t.same(planWork(NONCE, BOUNDS), plan);
  t.equal(plan.runs, 11, 'two to spare');
  t.same(plan.steps.slice(0, 4).map(({ run }) => run), [0, 0, 0, 0], 'the warm-up comes first');
  t.ok(plan.steps.slice(4).every(({ run }) => run > 0));
  const jobs = plan.steps.flatMap(({ jobs }) => jobs);
  const nonces = new Set(jobs.map(({ nonce }) => toHex(nonce)));
  t.equal(nonces.size, jobs.length, 'a fresh nonce for every job');
  const other = planWork(bytes32('other'), BOUNDS);
  t.notOk(other.steps.flatMap(({ jobs }) => jobs).some(({ nonce }) => nonces.has(toHex(nonce))));
  const shape = (of: typeof plan) => of.steps.map(({ jobs }) => jobs[0]!.role).join(' ');
  t.not(shape(other), shape(plan));
  const levels = new Set(plan.steps.map(({ jobs }) => jobs.length));
  t.same([...levels].sort(), [1, 2, 4]);
  for (let run = 1; run <= plan.runs; run++) {
    const roles = plan.steps.filter((step) => step.run === run).flatMap(({ jobs }) => jobs)
      .map(({ role }) => role).filter((role) => role !== 'context');
    t.same(roles.sort(), ['long', 'short', ...Array(6).fill('stream')], `run ${run}`);
  }
  t.equal(jobs.filter(({ role }) => role === 'context').length, 1);
  t.end();
});

t.test('a claim buys no more than a bounded number of jobs and tokens', (t) => {
  const most = { prefill: 1e9, decode: 1e9, streams: LIMITS.streams, context: LIMITS.tokens };
  for (const contextSize of [4096, 131_072]) {
    for (const runs of [9, 15, 30]) {
      const { steps } = planWork(NONCE, { ...BOUNDS, contextSize, claim: most, runs });
      const jobs = steps.flatMap(({ jobs }) => jobs);
      t.ok(steps.every(({ jobs }) => jobs.length <= 8), 'eight at once');
      t.ok(jobs.length <= 256, `${jobs.length} jobs`);
      const tokens = jobs.reduce((sum, one) => sum + one.promptTokens + one.maxTokens, 0);
      t.ok(tokens <= 98_304, `${tokens} tokens`);
    }
  }
  t.end();
});

t.test('whatever is claimed, a plan keeps within the bounds of profile and network', (t) => {
  const claim = fc.record({
    prefill: fc.integer({ min: 0, max: 1e9 }),
    decode: fc.integer({ min: 0, max: 1e9 }),
    streams: fc.integer({ min: 1, max: LIMITS.streams }),
    context: fc.integer({ min: 0, max: LIMITS.tokens }),
  });
  const bounds = fc.record({
    contextSize: fc.integer({ min: 256, max: 1_000_000 }),
    maxPromptTokens: fc.integer({ min: 128, max: 131_072 }),
    maxTokens: fc.integer({ min: 16, max: 32_768 }),
    claim: fc.option(claim),
    runs: fc.integer({ min: 9, max: 15 }),
    quick: fc.boolean(),
  });
  fc.assert(
    fc.property(bounds, (bounds) => {
      const { steps } = planWork(NONCE, bounds);
      const jobs = steps.flatMap(({ jobs }) => jobs);
      return new Set(steps.map(({ jobs }) => jobs.length)).size <= LIMITS.levels &&
        jobs.every(({ promptTokens, maxTokens }) =>
          promptTokens >= 1 && maxTokens >= 2 && maxTokens <= bounds.maxTokens &&
          promptTokens <= bounds.maxPromptTokens && promptTokens + maxTokens <= bounds.contextSize
        );
    }),
    { numRuns: 60 },
  );
  for (const runs of [0, 1.5, 5000]) {
    t.throws(() => planWork(NONCE, { ...BOUNDS, runs }), { code: 'PROBE_BOUNDS' });
  }
  t.throws(() => planWork(NONCE.subarray(1), BOUNDS), { code: 'PROBE_BOUNDS' });
  t.end();
});

/** Of one plan on one machine. */
function measure(seed: number, machine = MACHINE, rttMs = machine.rttMs): WorkFigures {
  const plan = planWork(bytes32('plan', seed), BOUNDS);
  return evaluateWork(plan, perform(plan, machine, randomOf(seed)), rttMs);
}

t.test('figures are those of the machine; what lies before it cancels', (t) => {
  for (const [rttMs, overheadMs] of [[1, 1], [20, 12], [200, 80]] as const) {
    const { prefill, decode, streams, runs, failed, isPrefillResolved, context } = measure(1, {
      ...MACHINE,
      rttMs,
      overheadMs,
    });
    t.equal(runs, 11);
    t.equal(failed, 0);
    t.ok(isPrefillResolved);
    t.ok(Math.abs(prefill.median / 300_000 - 1) < 0.12, `reads ${prefill.median} over ${rttMs} ms`);
    t.ok(Math.abs(decode.median / 90_000 - 1) < 0.04, `writes ${decode.median}`);
    t.ok(decode.low <= 90_000 && 90_000 <= decode.high);
    t.same(streams.map(({ streams }) => streams), [1, 2, 4]);
    t.ok(streams[2]!.median > 1.3 * decode.median && streams[2]!.median < 145_000);
    t.ok(context > 1_500);
  }
  t.end();
});

t.test('what was not verified counts for nothing', (t) => {
  const plan = planWork(NONCE, BOUNDS);
  const all = perform(plan, MACHINE, randomOf(2), (timing) => ({ ...timing, verified: false }));
  t.match(evaluateWork(plan, all, 20), { runs: 0, streams: [], context: 0 });
  t.match(evaluateWork(plan, [], 20), { runs: 0 });
  let n = 0;
  // Every sixth answer is made up, ten times as fast, and no audit would pass it.
  const some = perform(plan, MACHINE, randomOf(2), (timing) => {
    if (n++ % 6 !== 5) return timing;
    const { firstAt, lastAt } = timing;
    return { ...timing, verified: false, lastAt: firstAt + (lastAt - firstAt) / 10 };
  });
  const { runs, decode, failed } = evaluateWork(plan, some, 20);
  t.ok(failed > 5 && runs > 5 && runs < 11);
  t.ok(decode.high < 100_000);
  const lost = perform(
    plan,
    MACHINE,
    randomOf(2),
    (timing, role) => role === 'long' ? null : timing,
  );
  t.equal(evaluateWork(plan, lost, 20).runs, 0, 'without long prompts there is nothing to compare');
  t.end();
});

t.test('the warm-up counts for nothing', (t) => {
  const plan = planWork(NONCE, BOUNDS);
  const timings = perform(plan, MACHINE, randomOf(3));
  const cold = timings.map((step, i) =>
    plan.steps[i]!.run > 0 ? step : step.map((one) => one && { ...one, lastAt: one.lastAt + 9e6 })
  );
  t.same(evaluateWork(plan, cold, 20), evaluateWork(plan, timings, 20));
  t.end();
});

t.test('clocks that run backwards, and times of no length, break nothing', (t) => {
  const plan = planWork(NONCE, BOUNDS);
  const backwards = perform(plan, MACHINE, randomOf(4), (timing) => ({
    ...timing,
    firstAt: timing.sentAt - 1,
  }));
  t.equal(evaluateWork(plan, backwards, 20).runs, 0);
  const instant = perform(plan, MACHINE, randomOf(4), ({ sentAt, ...timing }) => ({
    ...timing,
    sentAt,
    firstAt: sentAt,
    lastAt: sentAt,
  }));
  const { prefill, decode, isPrefillResolved } = evaluateWork(plan, instant, 20);
  t.equal(isPrefillResolved, false);
  t.equal(prefill.high, LIMITS.rate, 'nobody can tell how fast that was');
  t.ok(Number.isSafeInteger(prefill.median) && Number.isSafeInteger(decode.median));
  t.end();
});

t.test('a machine that reads faster than can be told has no upper bound', (t) => {
  const fast = measure(5, { ...MACHINE, prefill: 1e7, noise: 0.3 });
  t.equal(fast.isPrefillResolved, fast.prefill.high < LIMITS.rate);
  t.ok(fast.prefill.median > 3_000_000);
  t.end();
});

t.test('the context is what was filled, and ends where one was refused', (t) => {
  const plan = planWork(NONCE, BOUNDS);
  const asked = plan.steps.flatMap(({ jobs }) => jobs).find(({ role }) => role === 'context')!;
  const full = evaluateWork(plan, perform(plan, MACHINE, randomOf(6)), 20);
  t.equal(full.context, asked.promptTokens + asked.maxTokens);
  t.equal(full.contextFailed, 0);
  const refused = perform(
    plan,
    MACHINE,
    randomOf(6),
    (timing, role) =>
      role === 'context' ? { ...timing, verified: false, tokens: 0, tooLong: true } : timing,
  );
  const { context, contextFailed, failed } = evaluateWork(plan, refused, 20);
  t.equal(contextFailed, asked.promptTokens);
  t.ok(context > 0 && context < contextFailed);
  t.equal(failed, 0);
  t.end();
});

t.test('a quick plan is short, and has neither curve nor context', (t) => {
  const { steps } = planWork(NONCE, { ...BOUNDS, quick: true });
  const roles = new Set(steps.flatMap(({ jobs }) => jobs).map(({ role }) => role));
  t.same([...roles].sort(), ['long', 'short']);
  t.end();
});
