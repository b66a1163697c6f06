import fc from 'fast-check';
import t from 'tap';
import {
  calibrateDistance,
  checkable,
  combineFeatures,
  distance,
  FEATURE_NAMES,
  featuresOf,
  type FeatureVector,
  MICRO_CALIBRATION,
  type MicroAnswer,
  type MicroChallenge,
  microPlan,
  type MicroReading,
  type MicroTask,
  NOT_MEASURED,
  runMicro,
  verifyMicro,
} from '../../fingerprint/micro/mod.ts';
import { chainOf, fill } from '../../fingerprint/micro/chains.ts';
import { randomOf } from '../lib/random.ts';

const bytes = (value: number) => new Uint8Array(32).fill(value);
const challenge = (nonce: number): MicroChallenge => ({
  type: 'micro',
  nonce: bytes(nonce),
  effort: 0.01,
  memory: 1,
});

/** A clock that goes on by 50 us whenever it is read: time without waiting. */
function steadyClock(): () => number {
  let ms = 0;
  return () => ms += 0.05;
}

const answer = await runMicro(challenge(1), { now: steadyClock(), device: null });
const timing = { elapsedMs: answer.ms + 1, rttMs: 0.5 };

function refusal(
  asked: MicroChallenge,
  given: MicroAnswer,
  { spots = 100, clock = timing } = {},
): string | null {
  try {
    verifyMicro(asked, given, clock, { secret: bytes(9), spots });
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** The answer with some readings changed. */
function altered(change: (reading: MicroReading, task: MicroTask) => MicroReading): MicroAnswer {
  const plan = microPlan(challenge(1));
  return { ...answer, readings: answer.readings.map((one, i) => change(one, plan[i]!)) };
}

t.test('order, sizes, steps and contents are the nonce’s', (t) => {
  const plan = microPlan(challenge(1)), other = microPlan(challenge(2));
  t.same(plan, microPlan(challenge(1)));
  t.notSame(plan.map(({ kind }) => kind), other.map(({ kind }) => kind));
  const walks = (tasks: readonly MicroTask[]) =>
    tasks.filter(({ kind }) => kind === 'walk').map(({ bytes }) => bytes).sort();
  t.notSame(walks(plan), walks(other));
  const seeds = new Set([...plan, ...other].map(({ seed }) => seed));
  t.equal(seeds.size, plan.length + other.length);
  t.end();
});

t.test('what asks for too much is no plan', (t) => {
  for (const wrong of [{ effort: 0 }, { effort: 1.1 }, { effort: NaN }, { memory: 257 }]) {
    t.throws(() => microPlan({ ...challenge(1), ...wrong }), { code: 'MICRO_LIMITS' });
  }
  t.throws(() => microPlan({ ...challenge(1), nonce: bytes(1).slice(1) }), {
    code: 'MICRO_LIMITS',
  });
  t.end();
});

t.test('a chain ends where it ends, in whatever pieces it is done', (t) => {
  const kinds = fc.constantFrom('walk', 'multiply', 'divide', 'branch', 'stream');
  fc.assert(
    fc.property(kinds, fc.nat(), fc.array(fc.nat(300), { maxLength: 6 }), (kind, seed, pieces) => {
      const task = { kind, bytes: 1024, steps: 1, seed: seed >>> 0 } as MicroTask;
      const whole = chainOf(task, fill(task))!, parts = chainOf(task, fill(task))!;
      whole.advance(pieces.reduce((sum, piece) => sum + piece, 0));
      for (const piece of pieces) parts.advance(piece);
      return whole.end() === parts.end();
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('a walk visits its whole working set, not a circle in it', (t) => {
  const task: MicroTask = { kind: 'walk', bytes: 2 ** 22, steps: 0, seed: 1 };
  const words = fill(task), lines = words.length / 16, ends = new Set<number>();
  const chain = chainOf(task, words)!;
  for (let i = 0; i < 3000; i++) {
    chain.advance(100);
    ends.add(chain.end());
  }
  t.equal(ends.size, 3000);
  t.equal(lines, 65_536);
  t.end();
});

t.test('an answer that was worked for is accepted', (t) => {
  t.equal(refusal(challenge(1), answer), null);
  t.end();
});

t.test('an old answer and guessed ends are refused', (t) => {
  t.ok(['MICRO_MALFORMED', 'MICRO_WRONG'].includes(refusal(challenge(2), answer)!), 'an old nonce');
  const random = randomOf(1);
  const guessed = altered((one) => ({ ...one, check: Math.floor(random() * 2 ** 32) }));
  t.equal(refusal(challenge(1), guessed, { spots: 1 }), 'MICRO_WRONG');
  const lazy = altered((one, { kind }) => kind === 'walk' ? { ...one, check: 0 } : one);
  t.equal(refusal(challenge(1), lazy), 'MICRO_WRONG', 'only the cheap half was done');
  t.end();
});

t.test('a doctored clock is refused', (t) => {
  const scaled = (by: number): MicroAnswer => ({
    ms: answer.ms * by,
    readings: answer.readings.map(({ ns, setup, check, spread }) => ({
      ns: ns * by,
      setup: setup * by,
      check,
      spread: spread.map((pace) => pace * by),
    })),
  });
  const long = { elapsedMs: 20 * answer.ms + 2000, rttMs: 0.5 };
  t.equal(refusal(challenge(1), scaled(20), { clock: timing }), 'CLOCK_DOCTORED', 'slower');
  t.equal(refusal(challenge(1), answer, { clock: long }), 'CLOCK_DOCTORED', 'faster');
  const halves = altered((one) => ({
    ...one,
    ns: one.ns / 2,
    spread: one.spread.map((p) => p / 2),
  }));
  t.equal(refusal(challenge(1), halves), 'CLOCK_DOCTORED', 'readings that leave time over');
  const paces = altered((one, { kind }) =>
    kind === 'walk' ? { ...one, spread: [one.spread[0]! * 4] } : one
  );
  t.equal(refusal(challenge(1), paces), 'MICRO_MALFORMED', 'a pace that its own time contradicts');
  t.end();
});

t.test('what is no answer is refused', (t) => {
  const { readings, ms } = answer;
  for (
    const wrong of [
      null,
      {},
      { readings, ms: NaN },
      { readings: readings.slice(1), ms },
      { readings: readings.map(() => null), ms },
      altered((one) => ({ ...one, ns: -1 })),
      altered((one) => ({ ...one, spread: 'fast' as never })),
      altered((one) => ({ ...one, spread: [1, 2, 3, 4] })),
      altered((one) => ({ ...one, ns: 1 })),
    ]
  ) t.equal(refusal(challenge(1), wrong as never), 'MICRO_MALFORMED');
  t.end();
});

t.test('guessed ends are caught as often as they are looked at', (t) => {
  const plan = microPlan(challenge(1)), target = checkable(plan)[3]!;
  const one = altered((reading) => reading);
  const readings = one.readings.map((reading, i) =>
    i === target ? { ...reading, check: (reading.check ^ 1) >>> 0 } : reading
  );
  let caught = 0;
  const trials = 150, spots = 4;
  for (let trial = 0; trial < trials; trial++) {
    try {
      const secret = bytes(trial);
      verifyMicro(challenge(1), { ...one, readings }, timing, { secret, spots });
    } catch {
      caught++;
    }
  }
  const p = spots / checkable(plan).length;
  t.ok(Math.abs(caught / trials - p) < 4 * Math.sqrt(p * (1 - p) / trials), `${caught}, ${p}`);
  t.end();
});

t.test('features are named, and those that a machine has not are told apart', (t) => {
  const features = featuresOf(microPlan(challenge(1)), answer);
  t.equal(features.length, FEATURE_NAMES.length);
  t.ok(features.length <= 64 && features.every(Number.isInteger));
  const at = (name: string) => features[FEATURE_NAMES.indexOf(name)];
  t.equal(at('launch median'), NOT_MEASURED, 'no GPU');
  t.equal(at('walk 64 MiB'), NOT_MEASURED, 'not asked for');
  t.not(at('walk 1 MiB'), NOT_MEASURED);
  t.equal(at('timer median'), Math.round(1024 * Math.log2(50_000)));
  t.end();
});

/** Runs of one machine: every feature wavers by some per cent. */
function machine(seed: number, base: FeatureVector): () => FeatureVector {
  const random = randomOf(seed);
  return () => base.map((value) => Math.round(value + 100 * (random() + random() - 1)));
}

t.test('one machine stays below the threshold, another one lies above it', (t) => {
  const base = FEATURE_NAMES.map((_, i) => 2000 + 300 * i);
  const one = machine(1, base);
  const calibration = calibrateDistance(Array.from({ length: 40 }, one));
  let same = 0;
  for (let i = 0; i < 200; i++) {
    if (distance(one(), one(), calibration) <= calibration.threshold) same++;
  }
  t.equal(same, 200);
  const random = randomOf(2);
  const other = machine(3, base.map((value) => value + Math.round(1200 * (random() - 0.5))));
  for (let i = 0; i < 50; i++) {
    t.ok(distance(one(), other(), calibration) > calibration.threshold);
  }
  t.equal(distance(base, base.map(() => NOT_MEASURED), calibration), Infinity);
  const wild = base.map((value, i) => i === 0 ? value + 20_000 : value);
  t.ok(distance(base, wild, calibration) < calibration.threshold, 'one wild feature');
  t.end();
});

t.test('the shipped calibration has every feature', (t) => {
  t.equal(MICRO_CALIBRATION.scale.length, FEATURE_NAMES.length);
  t.ok(MICRO_CALIBRATION.scale.every((scale) => scale >= 44));
  const zero = FEATURE_NAMES.map(() => 5000), octave = zero.map((value) => value + 1024);
  t.ok(distance(zero, octave, MICRO_CALIBRATION) > MICRO_CALIBRATION.threshold, 'half the speed');
  t.end();
});

t.test('several runs are combined by the middle of each feature', (t) => {
  const vector = (value: number) => FEATURE_NAMES.map((_, i) => i === 0 ? NOT_MEASURED : value);
  t.same(combineFeatures([vector(1), vector(900), vector(2)]), vector(2));
  t.end();
});
