import { ratioOf } from '../stats/mod.ts';

/**
 * Products behind a comparison, and the pause before each, milliseconds at most: a machine's pace wavers
 * from second to second, so that some that are spread over many seconds say more than many at once.
 */
export const RAW_RUNS = 24;
export const RAW_GAP_MS = 200;
/**
 * How long one is to take at full speed, seconds. A quota of the kernel's refills ten to fifty times a
 * second: what is over before that does not meet it.
 */
export const RAW_RUN_S = 0.15;
/** A ratio of rates that lies beyond this is not one machine's in one condition; in 10,000. */
const RAW_TOLERANCE = 2_500;

/**
 * True where a machine's rate has changed: throttled, shared, exchanged.
 * @param from rates of before, each at least one and positive
 * @param to those of now
 */
export function rawChanged(
  from: readonly number[],
  to: readonly number[],
  tolerance: number = RAW_TOLERANCE,
): boolean {
  const { low, high } = ratioOf(from, to), factor = 1 + tolerance / 10_000;
  return low > factor || high < 1 / factor;
}
