import {
  calibrateDistance,
  distance,
  FEATURE_NAMES,
  featuresOf,
  type FeatureVector,
  type MicroChallenge,
  microPlan,
  NOT_MEASURED,
  verifyMicro,
} from '../fingerprint/micro/mod.ts';
import type { Probe } from '../fingerprint/probe/mod.ts';
import {
  agreed,
  burn,
  cv,
  disagreed,
  nonce,
  printTable,
  rawRun,
  repeat,
  startProbe,
} from './fingerprint_lib.ts';
import { cubeFor, RAW_RUNS } from '../fingerprint/raw/mod.ts';
import { type Figure, median, quantile } from './lib.ts';

/** Checked tasks an answer. */
const SPOTS = 8;
/** Share of the full steps: what `nexus fingerprint --quick` asks for. */
const EFFORT = 0.5;

/**
 * Micro-benchmarks: how each feature repeats, idle and under load, and how far runs of this machine
 * are apart. `NEXUS_BENCH_FEATURES` holds the line of features that another machine printed: then
 * both are compared.
 */
export async function fingerprintMicro(runs = 24): Promise<Figure[]> {
  await using probe = await startProbe();
  await microRun(probe);
  const idle = await repeat(runs, () => microRun(probe));
  const loaded: Run[] = [];
  {
    using _ = burn(1);
    loaded.push(...await repeat(runs, () => microRun(probe)));
  }
  const vectors = (of: Run[]) => of.map(({ features }) => features);
  printTable(
    `Features of this machine, ${runs} runs a condition`,
    [
      ['feature', 'median, ns', 'CV idle', 'CV with one core busy'],
      ...FEATURE_NAMES.flatMap((name, i) => {
        const ns = (of: Run[]) => nanoseconds(vectors(of), i);
        if (ns(idle).length === 0) return [[name, 'not here', '', '']];
        return [[name, median(ns(idle)).toPrecision(3), cv(ns(idle)), cv(ns(loaded))]];
      }),
    ],
  );
  // Calibrated on one half of the runs, tried on the other.
  const half = <T>(items: T[], which: number) => items.filter((_, i) => i % 2 === which);
  const all = vectors([...half(idle, 0), ...half(loaded, 0)]);
  const calibration = calibrateDistance(all);
  const held = vectors([...half(idle, 1), ...half(loaded, 1)]);
  const pairs = held.flatMap((a, i) => held.slice(i + 1).map((b) => distance(a, b, calibration)));
  const above = pairs.filter((value) => value > calibration.threshold).length;
  const own = FEATURE_NAMES.map((_, i) => Math.round(median(vectors(idle).map((v) => v[i]!))));
  console.log(`scale ${JSON.stringify(calibration.scale)}, threshold ${calibration.threshold}`);
  console.log(`features ${JSON.stringify(own)}`);
  const cvs = FEATURE_NAMES.flatMap((_, i) => {
    const ns = nanoseconds(vectors(idle), i);
    return ns.length === 0 ? [] : [100 * deviation(ns)];
  });
  return [
    {
      name: 'micro: CV of the features, idle (median, largest)',
      measured: `${median(cvs).toFixed(1)} %, ${Math.max(...cvs).toFixed(1)} %`,
      goal: 'stated',
      met: true,
    },
    {
      name: 'micro: runs of this machine held to be of another',
      measured: `${above} of ${pairs.length} pairs; distances up to ${
        Math.max(...pairs).toFixed(2)
      }, median ${median(pairs).toFixed(2)}, threshold ${calibration.threshold.toFixed(2)}`,
      goal: '<= 1 %',
      met: above <= 0.01 * pairs.length,
    },
    otherMachine(own, calibration),
    await quickProbe(probe, idle),
    {
      name: 'fingerprint: honest runs refused for their clocks (raw, sharing, micro)',
      measured: `${disagreed.runs} of ${disagreed.of}`,
      goal: 'stated',
      met: true,
    },
  ];
}

function otherMachine(
  own: FeatureVector,
  calibration: ReturnType<typeof calibrateDistance>,
): Figure {
  const name = 'micro: distance to another machine';
  const given = Deno.env.get('NEXUS_BENCH_FEATURES');
  if (!given) {
    const measured = 'no other machine’s features are given (NEXUS_BENCH_FEATURES): not measured';
    return { name, measured, goal: 'stated', met: true };
  }
  const apart = distance(own, JSON.parse(given) as number[], calibration);
  return {
    name,
    measured: `${apart.toFixed(2)}, threshold ${calibration.threshold.toFixed(2)}`,
    goal: 'above the threshold',
    met: apart > calibration.threshold,
  };
}

/** What a node measures of itself when it starts: products that make a class, and one round of micro-benchmarks. */
async function quickProbe(probe: Probe, micro: readonly Run[]): Promise<Figure> {
  const start = performance.now();
  await repeat(RAW_RUNS, () => rawRun(probe, cubeFor(2 ** 27)));
  const seconds = (performance.now() - start + median(micro.map(({ ms }) => ms))) / 1000;
  return {
    name: `micro: the quick probe (${RAW_RUNS} products, one round of micro-benchmarks)`,
    measured: `${seconds.toFixed(1)} s; the challenger checks a round in ${
      quantile(micro.map(({ checkMs }) => checkMs), 0.5).toFixed(0)
    } ms`,
    goal: '<= 10 s',
    met: seconds <= 10,
  };
}

interface Run {
  features: FeatureVector;
  ms: number;
  checkMs: number;
}

function microRun(probe: Probe): Promise<Run> {
  return agreed(() => runOnce(probe));
}

async function runOnce(probe: Probe): Promise<Run> {
  const challenge: MicroChallenge = { type: 'micro', nonce: nonce(), effort: EFFORT, memory: 64 };
  const start = performance.now();
  const answer = await probe.run(challenge, new AbortController().signal);
  const elapsedMs = performance.now() - start;
  const timing = { elapsedMs, rttMs: 0 };
  verifyMicro(challenge, answer, timing, { secret: nonce(), spots: SPOTS });
  return {
    features: featuresOf(microPlan(challenge), answer),
    ms: elapsedMs,
    checkMs: performance.now() - start - elapsedMs,
  };
}

function nanoseconds(vectors: readonly FeatureVector[], feature: number): number[] {
  return vectors.map((vector) => vector[feature]!).filter((value) => value !== NOT_MEASURED)
    .map((value) => 2 ** (value / 1024));
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) / mean;
}
