import { LIMITS } from '../records/mod.ts';
import type { RawBackend, Spread, StreamSpread } from '../records/mod.ts';
import { lowerMedian, medianInterval, upperMedian } from './order.ts';
import type { Interval, Measured, SpeedClass } from './types.ts';

const ALL = 10_000n;
/** Where nobody found an end of the context. */
export const ENDLESS = LIMITS.tokens;

/** Weakest first: where challengers disagree evenly, the weaker one is believed. */
const BACKENDS: readonly RawBackend[] = ['none', 'cpu', 'gpu'];

/**
 * One class from what several challengers measured: of each bound the median, so that fewer than half
 * of them move it no further than to what another one found. The confidence is the least of theirs:
 * what each found may be off in a way that its own runs do not show. Of two neither is the middle, so
 * what both found is taken; where their intervals do not meet but lie within the tolerance of each other,
 * as those of a machine do whose pace varies, what lies between both. Further apart one of them is wrong,
 * and nobody can tell which.
 * @param measured at least one
 * @param tolerance in 10,000
 * @returns null for two that do not agree
 */
export function combine(measured: readonly [Measured], tolerance?: number): SpeedClass;
export function combine(measured: readonly Measured[], tolerance?: number): SpeedClass | null;
export function combine(measured: readonly Measured[], tolerance = 0): SpeedClass | null {
  const runs = Math.min(...measured.map(({ runs }) => runs));
  const { confidence } = medianInterval(runs);
  const between = (lows: number[], highs: number[]): Interval => {
    if (lows.length === 2) {
      const from = Math.max(...lows), to = Math.min(...highs);
      const isGap = from > to && isNear(from, to, tolerance);
      return isGap ? { low: to, high: from, confidence } : { low: from, high: to, confidence };
    }
    const low = lowerMedian(lows);
    return { low, high: Math.max(low, upperMedian(highs)), confidence };
  };
  const rate = (of: (one: Measured) => Spread) =>
    between(measured.map((one) => of(one).low), measured.map((one) => of(one).high));
  const curves = measured.flatMap(({ streams }) => streams.length === 0 ? [] : [peakOf(streams)]);
  const prefill = rate(({ prefill }) => prefill), decode = rate(({ decode }) => decode);
  if (isEmpty(prefill) || isEmpty(decode)) return null;
  const curve = (of: (one: typeof curves[number]) => Bounds): Interval | null => {
    if (2 * curves.length <= measured.length) return null;
    const found = between(curves.map((one) => of(one).low), curves.map((one) => of(one).high));
    return isEmpty(found) ? null : found;
  };
  return {
    prefill,
    decode,
    streams: curve(({ streams }) => streams),
    streamRate: curve(({ rate }) => rate),
    context: {
      low: lowerMedian(measured.map(({ context }) => context)),
      high: upperMedian(measured.map(endOf)),
      confidence,
    },
    prefillRate: inside(lowerMedian(measured.map(({ prefill }) => prefill.median)), prefill),
    decodeRate: inside(lowerMedian(measured.map(({ decode }) => decode.median)), decode),
    raw: rawOf(measured.map(({ raw }) => raw)),
  };
}

/** Most tokens of context that may yet fit, as one challenger found. */
function endOf({ context, contextFailed }: Measured): number {
  return contextFailed === 0 ? ENDLESS : Math.max(context, contextFailed - 1);
}

interface Bounds {
  low: number;
  high: number;
}

/** True if `from` lies above `to` by no more than the tolerance. */
function isNear(from: number, to: number, tolerance: number): boolean {
  return BigInt(from) * ALL <= BigInt(to) * (ALL + BigInt(tolerance));
}

function isEmpty({ low, high }: Bounds): boolean {
  return low > high;
}

/** The nearest to a number that lies within bounds: one of two may have set it far outside. */
function inside(value: number, { low, high }: Bounds): number {
  return Math.min(high, Math.max(low, value));
}

/** Where a curve is highest: all levels that cannot be told from the best one. */
function peakOf(curve: readonly StreamSpread[]): { streams: Bounds; rate: Bounds } {
  const best = curve.reduce((best, one) => one.median > best.median ? one : best);
  const near = curve.filter(({ high }) => high >= best.low).map(({ streams }) => streams);
  return {
    streams: { low: Math.min(...near), high: Math.max(...near) },
    rate: { low: best.low, high: Math.max(...curve.map(({ high }) => high)) },
  };
}

function rawOf(raws: readonly Measured['raw'][]): Measured['raw'] {
  let backend: RawBackend = 'none', most = 0;
  for (const name of BACKENDS) {
    const count = raws.filter((raw) => raw.backend === name).length;
    if (count > most) [backend, most] = [name, count];
  }
  const those = raws.filter((raw) => raw.backend === backend);
  return {
    backend,
    rate: lowerMedian(those.map(({ rate }) => rate)),
    memory: lowerMedian(those.map(({ memory }) => memory)),
  };
}
