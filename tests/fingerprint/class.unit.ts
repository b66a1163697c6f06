import t from 'tap';
import type { Measured } from '../../feeds/fingerprints/mod.ts';
import { checkClaim, classChange, classOf, gradeOf } from '../../fingerprint/class/mod.ts';
import { evaluateWork, planWork } from '../../fingerprint/work/mod.ts';
import { randomOf } from '../lib/random.ts';
import { bytes32 } from '../trust/world.ts';
import { MACHINE, type Machine, perform } from './machine.ts';

const TOLERANCE = 2_500;
const TRIALS = 150;

const PLANS = Array.from({ length: 8 }, (_, i) =>
  planWork(bytes32('class', i), {
    contextSize: 4096,
    maxPromptTokens: 131_072,
    maxTokens: 32_768,
    claim: { prefill: 300, decode: 90, streams: 4, context: 4096 },
    runs: 9,
  }));

/** One challenger's figures of a machine. */
function measured(seed: number, machine: Machine): Measured {
  const plan = PLANS[seed % PLANS.length]!;
  const figures = evaluateWork(plan, perform(plan, machine, randomOf(seed)), machine.rttMs);
  return { ...figures, raw: { backend: 'none', rate: 0, memory: 0 } };
}

const honest = {
  prefill: 300_000,
  decode: 90_000,
  streams: 4,
  streamRate: 140_000,
  context: 4_000,
};
const noisy = { ...MACHINE, noise: 0.2 };

t.test('an honest claim is never contradicted, one of twice the speed always', (t) => {
  let falsely = 0, caught = 0, half = 0;
  for (let seed = 0; seed < TRIALS; seed++) {
    const machine = classOf(measured(seed, noisy));
    const stands = (claim: typeof honest, figure: string) =>
      checkClaim(claim, machine, TOLERANCE).find((one) => one.figure === figure)!.stands;
    if (checkClaim(honest, machine, TOLERANCE).some((one) => one.stands === 'contradicted')) {
      falsely++;
    }
    if (stands({ ...honest, decode: 180_000 }, 'decode') === 'contradicted') caught++;
    if (stands({ ...honest, decode: 45_000 }, 'decode') === 'below') half++;
  }
  t.equal(falsely, 0, `in ${TRIALS}`);
  t.ok(caught >= 0.99 * TRIALS, `${caught} of ${TRIALS}`);
  t.ok(half >= 0.99 * TRIALS, `${half} of ${TRIALS} claim half of it`);
  t.end();
});

t.test('at half speed a machine is of another class, at its own speed of the same', (t) => {
  let changed = 0, falsely = 0;
  const throttled = { ...noisy, prefill: 150, decode: 45, total: 70 };
  for (let seed = 0; seed < TRIALS; seed++) {
    const before = classOf(measured(seed, noisy));
    const change = classChange(before, classOf(measured(seed + 10_000, throttled)), TOLERANCE);
    if (change?.figures.includes('decode')) changed++;
    if (classChange(before, classOf(measured(seed + 20_000, noisy)), TOLERANCE)) falsely++;
  }
  t.ok(changed >= 0.95 * TRIALS, `${changed} of ${TRIALS}`);
  t.equal(falsely, 0);
  t.end();
});

t.test('what was not measured contradicts nothing', (t) => {
  const alone = { ...measured(1, MACHINE), streams: [] };
  const machine = classOf(alone);
  const checks = checkClaim({ ...honest, streamRate: 10 ** 9, context: 100_000 }, machine, 0);
  t.equal(checks.find(({ figure }) => figure === 'streamRate')!.stands, 'unmeasured');
  t.equal(checks.find(({ figure }) => figure === 'context')!.stands, 'unmeasured');
  const failed = classOf({ ...alone, contextFailed: 50_000 });
  const context = checkClaim({ ...honest, context: 100_000 }, failed, 0).at(-1)!;
  t.equal(context.stands, 'contradicted');
  t.end();
});

t.test('a grade is half-octaves of speed', (t) => {
  const at = (rate: number) => ({ low: rate, high: rate, confidence: 9_609 });
  t.equal(gradeOf({ prefill: at(256_000), decode: at(64_000), streamRate: null }), 'p16 d12');
  t.equal(
    gradeOf({ prefill: at(256_000), decode: at(32_000), streamRate: at(128_000) }),
    'p16 d10 t14',
  );
  t.end();
});
