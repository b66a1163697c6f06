import { LIMITS } from '../records/mod.ts';
import type { RawBackend, Spread, StreamSpread } from '../records/mod.ts';
import { lowerMedian, medianInterval, upperMedian } from './order.ts';
import type { Interval, MachineClass, Measured } from './types.ts';

/** Where nobody found an end of the context. */
export const ENDLESS = LIMITS.tokens;

/** Weakest first: where challengers disagree evenly, the weaker one is believed. */
const BACKENDS: readonly RawBackend[] = ['none', 'cpu', 'gpu'];

/**
 * One class from what several challengers measured: of each bound the median, so that fewer than half
 * of them move it no further than to what another one found. The confidence is the least of theirs:
 * what each found may be off in a way that its own runs do not show.
 * @param measured at least one
 */
export function combine(measured: readonly Measured[]): MachineClass {
  const runs = Math.min(...measured.map(({ runs }) => runs));
  const { confidence } = medianInterval(runs);
  const between = (lows: number[], highs: number[]): Interval => ({
    low: lowerMedian(lows),
    high: Math.max(lowerMedian(lows), upperMedian(highs)),
    confidence,
  });
  const rate = (of: (one: Measured) => Spread) =>
    between(measured.map((one) => of(one).low), measured.map((one) => of(one).high));
  const curves = measured.flatMap(({ streams }) => streams.length === 0 ? [] : [peakOf(streams)]);
  const hasCurve = 2 * curves.length > measured.length;
  return {
    prefill: rate(({ prefill }) => prefill),
    decode: rate(({ decode }) => decode),
    streams: hasCurve
      ? between(curves.map(({ streams }) => streams.low), curves.map(({ streams }) => streams.high))
      : null,
    streamRate: hasCurve
      ? between(curves.map(({ rate }) => rate.low), curves.map(({ rate }) => rate.high))
      : null,
    context: {
      low: lowerMedian(measured.map(({ context }) => context)),
      high: upperMedian(measured.map(endOf)),
      confidence,
    },
    prefillRate: lowerMedian(measured.map(({ prefill }) => prefill.median)),
    decodeRate: lowerMedian(measured.map(({ decode }) => decode.median)),
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
