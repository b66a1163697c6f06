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
    // A way as long as the answer takes looks like one that is held back.
    const isFar = rttMs + overheadMs > 100;
    t.ok(decode.median < 94_000 && decode.median > (isFar ? 54_000 : 86_000));
    t.ok(decode.low <= 90_000 && 90_000 <= decode.high);
    t.same(streams.map(({ streams }) => streams), [1, 2, 4]);
    t.ok(streams[2]!.median > 1.2 * decode.median && streams[2]!.median < 145_000);
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

/** Claims that two machines could make; the second one's answers take an eighth of a second. */
const MACHINES = [
  { machine: MACHINE, bounds: BOUNDS },
  {
    machine: { ...MACHINE, prefill: 40_000, decode: 1_000, total: 2_500, overheadMs: 2, rttMs: 1 },
    bounds: { ...BOUNDS, claim: { prefill: 40_000, decode: 1_000, streams: 4, context: 4096 } },
  },
  {
    machine: { ...MACHINE, prefill: 30, decode: 6, total: 8 },
    bounds: { ...BOUNDS, claim: { prefill: 30, decode: 6, streams: 2, context: 4096 } },
  },
];
/** What of a run counts as work at least, as far away as it is, and as far away as it says. */
const NEAR = 0.8, SAID = 0.7;

t.test('a burst makes no pace: what was held back counts', (t) => {
  for (const { machine, bounds } of MACHINES) {
    const plan = planWork(NONCE, bounds);
    const burst = (role: (one: string) => boolean, rttMs = machine.rttMs) =>
      evaluateWork(
        plan,
        perform(
          plan,
          { ...machine, noise: 0 },
          randomOf(7),
          (timing, of) => role(of) ? { ...timing, firstAt: timing.lastAt } : timing,
        ),
        rttMs,
      );
    const name = `${machine.decode} tokens/s`;
    const honest = burst(() => false), all = burst((role) => role !== 'long' && role !== 'context');
    t.ok(Math.abs(honest.decode.median / machine.decode / 1000 - 1) < 0.01, name);
    t.ok(all.decode.median < 1000 * machine.decode / (NEAR * 0.9), `${name}: ${all.decode.median}`);
    t.ok(all.decode.low <= all.decode.median && all.decode.median <= all.decode.high);
    t.ok(all.decode.high > 1e6 * machine.decode, 'how fast it may be is not known');
    t.ok(all.prefill.median <= 1000 * machine.prefill / NEAR, 'nor does it seem to read faster');
    const away = burst((role) => role !== 'long' && role !== 'context', 5_000);
    t.ok(away.decode.median < 1000 * machine.decode / (SAID * 0.9), 'and seems to be far away');
  }
  t.end();
});

t.test('short prompts that are held back make no fast reader', (t) => {
  for (const { machine, bounds } of MACHINES) {
    const plan = planWork(NONCE, bounds);
    const { prefill } = evaluateWork(
      plan,
      perform(plan, { ...machine, noise: 0 }, randomOf(8), (timing, role) => {
        if (role !== 'short') return timing;
        const holdMs = (plan.steps[1]!.jobs[0]!.promptTokens * 1000) / machine.prefill * 0.8;
        return { ...timing, firstAt: timing.firstAt + holdMs, lastAt: timing.lastAt + holdMs };
      }),
      machine.rttMs,
    );
    t.ok(prefill.median <= 1000 * machine.prefill / SAID, `${machine.prefill}: ${prefill.median}`);
  }
  t.end();
});

t.test('whatever an executor holds back, no figure exceeds what the time leaves room for', (t) => {
  const share = fc.double({ min: 0, max: 4, noNaN: true });
  const held = fc.record({ first: share, last: share, some: fc.double({ min: 0, max: 1 }) });
  const cheat = fc.record({
    which: fc.nat(MACHINES.length - 1),
    seed: fc.nat(),
    short: held,
    long: held,
    stream: held,
    context: held,
    rttMs: fc.constantFrom(0, 1, 20, 300, 5_000),
  });
  fc.assert(
    fc.property(cheat, ({ which, seed, rttMs, ...by }) => {
      const { machine, bounds } = MACHINES[which]!, random = randomOf(seed);
      const plan = planWork(bytes32('plan', seed), bounds);
      const timings = perform(plan, { ...machine, noise: 0 }, random, (timing, role) => {
        const { first, last, some } = by[role as keyof typeof by];
        if (random() < some) return timing;
        const ms = timing.lastAt - timing.sentAt;
        const firstAt = timing.firstAt + first * ms * random();
        const lastAt = Math.max(timing.lastAt, firstAt) + last * ms * random();
        return { ...timing, firstAt, lastAt };
      });
      const { prefill, decode, streams } = evaluateWork(plan, timings, rttMs);
      const read = prefill.median / 1000, slack = rttMs > machine.rttMs ? SAID : NEAR * 0.9;
      if (read > 1.001 * machine.prefill / SAID) return false;
      // By these figures each run took most of the time that it really took.
      const jobs = plan.steps.filter(({ run }) => run > 0).map(({ jobs }) => jobs);
      const isRoomy = (rate: number, level: number, role: string) =>
        jobs.some((of) => {
          if (of.length !== level || of[0]!.role !== role) return false;
          const tokens = of.reduce((sum, one) => sum + one.maxTokens, 0) - 1;
          const prompt = of.reduce((sum, one) => sum + one.promptTokens, 0);
          const each = Math.min(machine.decode, machine.total / level);
          const longest = Math.max(...of.map((one) =>
            1000 * one.promptTokens / machine.prefill + 1000 * (one.maxTokens - 1) / each
          ));
          const readMs = Math.min(
            1000 * prompt / read,
            Math.max(longest, 1) * prompt / (prompt + tokens),
          );
          return rate * slack * (longest - readMs) <= 1001 * tokens;
        });
      return isRoomy(decode.median / 1000, 1, 'short') &&
        streams.slice(1).every((one) => isRoomy(one.median / 1000, one.streams, 'stream'));
    }),
    { numRuns: 100 },
  );
  t.end();
});

t.test('to seem slow at reading makes no writer that is faster than that', (t) => {
  const plan = planWork(NONCE, BOUNDS);
  const { prefill, decode } = evaluateWork(
    plan,
    perform(plan, MACHINE, randomOf(9), (timing, role) => {
      const firstAt = role === 'long' ? timing.firstAt + 60_000 : timing.lastAt;
      return { ...timing, firstAt, lastAt: Math.max(firstAt, timing.lastAt) };
    }),
    20,
  );
  t.ok(prefill.median < 0.1 * 1000 * MACHINE.prefill);
  t.ok(decode.median < 1000 * MACHINE.prefill, 'at most as if it wrote as fast as it really reads');
  t.end();
});

t.test('no honest claim is contradicted, however far away and busy a machine is', (t) => {
  const spent = fc.double({ min: 0, max: 3_000, noNaN: true });
  fc.assert(
    fc.property(
      spent,
      spent,
      fc.boolean(),
      fc.nat(MACHINES.length - 1),
      (rttMs, overheadMs, isTold, which) => {
        const { machine, bounds } = MACHINES[which]!, plan = planWork(NONCE, bounds);
        const timings = perform(plan, { ...machine, rttMs, overheadMs, noise: 0 }, randomOf(1));
        const { prefill, decode } = evaluateWork(plan, timings, isTold ? rttMs : 0);
        return prefill.high >= 999 * machine.prefill && decode.high >= 999 * machine.decode &&
          prefill.low <= prefill.median && decode.low <= decode.median && decode.low > 0;
      },
    ),
    { numRuns: 60 },
  );
  t.end();
});
