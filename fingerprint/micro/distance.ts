import { median } from '../../feeds/base/mod.ts';
import { FEATURE_NAMES, NOT_MEASURED } from './features.ts';
import type { DistanceCalibration, FeatureVector } from './types.ts';

/** A feature's share in the distance is bounded: one interrupted task decides nothing. */
const MOST = 6;
/** No feature repeats better than this, in its own units: 3 %. */
const LEAST_SCALE = 44;
/**
 * Of 16 runs on two cores of a virtual Intel Xeon, a third of them beside a busy core. The order is
 * that of `FEATURE_NAMES`; launches, which it has not, are given the scale of the timer.
 */
export const MICRO_CALIBRATION: DistanceCalibration = {
  version: 1,
  // deno-fmt-ignore
  scale: [
    44, 44, 44, 44, 44, 44, 44, 77, 126, 185, 218, 82, 44, // walks, 16 KiB to 64 MiB
    44, 44, 44, 44, // multiply, divide, branch, stream
    44, 110, 74, 93, // timer, quanta: medians and tails
    110, 185,
  ],
  threshold: 2.75,
};

/** How far above every distance seen on one machine the threshold lies. */
const MARGIN = 1.25;

/**
 * Mean over the features that both have of their difference, in units of what one machine's runs
 * differ by; Infinity where they share none.
 */
export function distance(
  a: FeatureVector,
  b: FeatureVector,
  { scale }: Pick<DistanceCalibration, 'scale'>,
): number {
  let sum = 0, count = 0;
  for (let i = 0; i < FEATURE_NAMES.length; i++) {
    const x = a[i] ?? NOT_MEASURED, y = b[i] ?? NOT_MEASURED;
    if (x === NOT_MEASURED || y === NOT_MEASURED) continue;
    sum += Math.min(MOST, Math.abs(x - y) / scale[i]!);
    count++;
  }
  return count === 0 ? Infinity : sum / count;
}

/**
 * Scales and threshold from repeated runs of one machine, idle and under load. The threshold lies
 * above the distance of any two: with n vectors, two more exceed it with chance 2 / (n + 2) at most.
 * @param vectors at least four
 */
export function calibrateDistance(vectors: readonly FeatureVector[]): DistanceCalibration {
  const scale = FEATURE_NAMES.map((_, i) => {
    const values = vectors.map((vector) => vector[i]!).filter((value) => value !== NOT_MEASURED);
    if (values.length === 0) return LEAST_SCALE;
    const middle = median(values);
    return Math.max(
      LEAST_SCALE,
      Math.round(1.4826 * median(values.map((x) => Math.abs(x - middle)))),
    );
  });
  const largest = Math.max(
    ...vectors.flatMap((a, i) => vectors.slice(i + 1).map((b) => distance(a, b, { scale }))),
  );
  return { version: 1, scale, threshold: Math.max(2, MARGIN * largest) };
}
