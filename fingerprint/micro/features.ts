import { OCTAVES } from './plan.ts';
import type { FeatureVector, MicroAnswer, MicroKind, MicroTask } from './types.ts';

/** Stands where a machine has nothing to measure. */
export const NOT_MEASURED = -32_768;

const CHAINS = ['multiply', 'divide', 'branch', 'stream'] as const;
const SPREADS = ['timer', 'quanta', 'launch'] as const;
const octaves = Array.from(
  { length: OCTAVES.last - OCTAVES.first + 1 },
  (_, i) => OCTAVES.first + i,
);

/** What each feature is: latency by working set, time of one step by kind, middles and tails. */
export const FEATURE_NAMES: readonly string[] = [
  ...octaves.map((octave) => `walk ${sizeText(2 ** octave)}`),
  ...CHAINS,
  ...SPREADS.flatMap((kind) => [`${kind} median`, `${kind} p99`]),
];

/** Features of one checked answer. */
export function featuresOf(plan: readonly MicroTask[], { readings }: MicroAnswer): FeatureVector {
  const paces = (kind: MicroKind) =>
    plan.flatMap((task, i) => {
      const pace = readings[i]!.spread[0];
      return task.kind === kind && pace !== undefined ? [{ log: Math.log2(task.bytes), pace }] : [];
    });
  const walks = paces('walk');
  const values = octaves.map((octave) => {
    const near = walks.filter(({ log }) => Math.abs(log - octave) < 0.5);
    return quantity(least(near.map(({ pace }) => pace)));
  });
  for (const kind of CHAINS) values.push(quantity(least(paces(kind).map(({ pace }) => pace))));
  for (const kind of SPREADS) {
    const spreads = plan.flatMap((task, i) => task.kind === kind ? [readings[i]!.spread] : []);
    for (const which of [0, 1]) {
      values.push(quantity(least(spreads.flatMap((spread) => spread[which] ?? []))));
    }
  }
  return values;
}

/** Median by feature of several runs of one machine. */
export function combineFeatures(vectors: readonly FeatureVector[]): FeatureVector {
  return FEATURE_NAMES.map((_, i) => {
    const values = vectors.map((vector) => vector[i]!).filter((value) => value !== NOT_MEASURED)
      .sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? NOT_MEASURED;
  });
}

/** Interruptions only ever add time: the least of several runs is the machine's own. */
function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}

function quantity(ns: number | null): number {
  return ns === null ? NOT_MEASURED : Math.round(1024 * Math.log2(ns));
}

function sizeText(bytes: number): string {
  return bytes < 2 ** 20 ? `${bytes / 1024} KiB` : `${bytes / 2 ** 20} MiB`;
}
