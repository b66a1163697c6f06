import type { Spread } from '../../feeds/records/mod.ts';
import { spreadOf } from '../stats/mod.ts';
import type { JobTiming } from './types.ts';

/** Share of a run that may pass without work (network, admission, queue), and of a round trip. */
const IDLE_SHARE = 0.2, RTT_SHARE = 0.1;
/** What took less cannot be told from nothing, milliseconds. */
const LEAST_MS = 1e-3;

/**
 * Reads at most so many tokens a second, as all that passed from the sending to the first token tells.
 * Whoever holds tokens back makes this less.
 */
export function mostReading({ promptTokens, sentAt, firstAt }: JobTiming, rttMs: number): number {
  return 1000 * promptTokens / worked(firstAt - sentAt, rttMs);
}

/** A run that read so many tokens and wrote so many more after its first one, in so much time. */
export interface WholeRun {
  read: number;
  written: number;
  /** From the sending to the last token, milliseconds. */
  ms: number;
}

/**
 * Writes at most so many tokens a second, as a whole run tells. For its prompts it had the time that it
 * takes at its attested pace, but no more than if it wrote as slowly as it reads: nothing reads slower
 * than it writes, so to seem slow at reading does not make the writing look as fast as one likes.
 * @param prefill tokens a second
 */
export function mostWriting(
  { read, written, ms }: WholeRun,
  prefill: number,
  rttMs: number,
): number {
  const readMs = Math.min(1000 * read / prefill, ms * read / (read + written));
  return 1000 * written / worked(ms - readMs, rttMs);
}

/**
 * What was measured, with its median and lower end bounded. The upper end stays: a long way and a queue
 * look like tokens that are held back, and a claim must not be contradicted because of them.
 * @param rates tokens a second; Infinity where they were faster than can be told
 * @param most bounds of each of them
 */
export function boundedSpread(rates: readonly number[], most: readonly number[]): Spread {
  const bounded = spreadOf(rates.map((rate, i) => Math.min(rate, most[i]!)));
  return { ...bounded, high: spreadOf(rates).high };
}

/** The round trip is what the executor lets it be, so that it counts up to a share as well. */
function worked(ms: number, rttMs: number): number {
  return Math.max(LEAST_MS, ms - Math.min(rttMs, RTT_SHARE * ms) - IDLE_SHARE * ms);
}
