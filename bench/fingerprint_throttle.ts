/** A machine whose processor is throttled to half, told by raw products alone. */
import { median } from '../feeds/base/mod.ts';
import { areApart } from '../feeds/fingerprints/mod.ts';
import {
  cubeFor,
  RAW_GAP_MS,
  RAW_RUN_S,
  RAW_RUNS,
  rawChanged,
  type Shape,
} from '../fingerprint/raw/mod.ts';
import { ratioOf, sampleOf } from '../fingerprint/stats/mod.ts';
import type { Probe } from '../fingerprint/probe/mod.ts';
import { named, progress, rawRun, startProbe, upperBound } from './fingerprint_lib.ts';
import { type Figure, spread } from './lib.ts';
import { throttle } from './throttle.ts';

export interface ThrottleBench {
  /** Trials of throttling, and as many of nothing. */
  trials: number;
  /** No trial begins after this, milliseconds. */
  budgetMs: number;
}

export const THROTTLE_BENCH: ThrottleBench = { trials: 30, budgetMs: 420_000 };
/** How two intervals were compared before their ratio was, in 10,000. */
const APART = 1_500;
/** A share of the processors. */
const HALF = 0.5;

/** What both ways to tell make of the same runs. */
interface Told {
  byRatio: boolean;
  byIntervals: boolean;
}

export async function fingerprintThrottle(bench = THROTTLE_BENCH): Promise<Figure[]> {
  const { trials, budgetMs } = bench;
  if (Deno.build.os !== 'linux') return [named('raw: throttled to half', 'tried on Linux only')];
  await using probe = await startProbe({ normalPriority: true });
  const shape = await sized(probe), told = progress('throttled to half', trials);
  const half: Told[] = [], same: Told[] = [], seconds: number[] = [], ratios: number[] = [];
  let how = '';
  const until = performance.now() + budgetMs;
  let before = await ratesOf(probe, shape);
  while (half.length < trials && performance.now() < until) {
    const again = await ratesOf(probe, shape);
    same.push(compared(before, again));
    before = again;
    using throttled = throttle(probe.pid!, HALF);
    how = throttled.how;
    const from = performance.now(), now = await ratesOf(probe, shape);
    seconds.push((performance.now() - from) / 1000);
    half.push(compared(before, now));
    ratios.push(ratioOf(before, now).ratio);
    told(half.length, `, ${half.filter(({ byRatio }) => byRatio).length} told`);
  }
  const count = (of: Told[], how: keyof Told) => of.filter((one) => one[how]).length;
  const seen = count(half, 'byRatio'), wrong = count(same, 'byRatio'), of = half.length;
  return [
    {
      name: `raw: throttled to half (${how}) is another class`,
      measured: `${seen} of ${of} trials, after ${spread(seconds, 1)} s, at ${spread(ratios)} of ` +
        `its rate; by two intervals apart ${count(half, 'byIntervals')} of ${of}`,
      goal: '>= 95 % within 60 s',
      met: seen >= 0.95 * of && Math.max(...seconds) <= 60,
    },
    {
      name: 'raw: the same machine is another class',
      measured: `${wrong} of ${of} trials (95 %: below ${
        (100 * upperBound(wrong, of)).toFixed(1)
      } %); by two intervals apart ${count(same, 'byIntervals')} of ${of}`,
      goal: '0',
      met: wrong === 0,
    },
  ];
}

function compared(before: readonly number[], now: readonly number[]): Told {
  const intervalOf = (rates: readonly number[]) => {
    const { low, high } = sampleOf(rates);
    return { low: Math.round(1000 * low), high: Math.round(1000 * high), confidence: 0 };
  };
  return {
    byRatio: rawChanged(before, now),
    byIntervals: areApart(intervalOf(before), intervalOf(now), APART),
  };
}

/** Products that a quota cannot let pass in one piece. */
async function sized(probe: Probe): Promise<Shape> {
  const first = cubeFor(2 ** 26), rates: number[] = [];
  for (let i = 0; i < 9; i++) rates.push((await rawRun(probe, first)).rate);
  return cubeFor(median(rates) * 1e6 * RAW_RUN_S);
}

/** With a pause before each, so that they are of many moments. */
async function ratesOf(probe: Probe, shape: Shape): Promise<number[]> {
  const rates: number[] = [];
  for (let i = 0; i < RAW_RUNS; i++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * RAW_GAP_MS));
    rates.push((await rawRun(probe, shape)).rate);
  }
  return rates;
}
