import type { FiguresRecord } from '../../feeds/records/mod.ts';
import { milli, type Sample, sampleOf } from '../../fingerprint/stats/mod.ts';
import type { LoadedModel } from '../engine/mod.ts';
import type { OwnRun } from './own.ts';

/** What a node has measured of itself with one profile. Rates in tokens/s. */
export interface OwnFigures {
  profile: Uint8Array;
  /** Determinism class. */
  class: Uint8Array;
  prefill: Sample;
  decode: Sample;
  /** Output of all together by jobs at once, one alone first. */
  curve: { streams: number; rate: Sample }[];
  /** Jobs at once at which the total is best, and that total. */
  streams: number;
  streamRate: number;
  /** Tokens. */
  context: number;
  /** What it took, milliseconds. */
  ms: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** Figures of some runs; null where too few of them gave one. */
export function ownFigures(
  runs: readonly OwnRun[],
  { profileId, class: kind, contextSize }: LoadedModel,
  ms: number,
  at: number,
): OwnFigures | null {
  const prefill = runs.flatMap((run) => run.prefill ?? []);
  const levels = new Map<number, number[]>();
  for (const { streams, decode } of runs) {
    if (decode === null) continue;
    const of = levels.get(streams) ?? [];
    levels.set(streams, [...of, decode]);
  }
  const alone = levels.get(1);
  if (prefill.length === 0 || alone === undefined) return null;
  const curve = [...levels].sort(([a], [b]) => a - b)
    .map(([streams, rates]) => ({ streams, rate: sampleOf(rates) }));
  const best = curve.reduce((most, one) => one.rate.median > most.rate.median ? one : most);
  return {
    profile: profileId,
    class: kind,
    prefill: sampleOf(prefill),
    decode: sampleOf(alone),
    curve,
    streams: best.streams,
    streamRate: best.rate.median,
    context: contextSize,
    ms,
    at,
  };
}

/** The claim that they make. */
export function figuresRecord(network: Uint8Array, figures: OwnFigures): FiguresRecord {
  const { profile, class: kind, prefill, decode, streams, streamRate, context, at } = figures;
  return {
    type: 'figures',
    network,
    profile,
    class: kind,
    prefill: milli(prefill.median),
    decode: milli(decode.median),
    streams,
    streamRate: milli(streamRate),
    context,
    at,
  };
}
