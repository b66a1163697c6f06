import type { JobTiming } from './types.ts';

/** Milliseconds that two clocks may round to. */
const ROUNDING_MS = 2;

/** What an executor's signed artifact says of the time that it took. Milliseconds. */
export interface SaidTimes {
  firstTokenMs: number;
  totalMs: number;
}

/**
 * Why an executor's times cannot be true, or null: nothing that it did between offer and first token
 * can have taken longer than the challenger waited for it. That it took much less proves nothing: the
 * way there and back lies between.
 */
export function clockFault(
  { sentAt, firstAt }: Pick<JobTiming, 'sentAt' | 'firstAt'>,
  { firstTokenMs, totalMs }: SaidTimes,
): string | null {
  if (firstTokenMs > totalMs) return 'its first token came after its last';
  if (firstTokenMs > firstAt - sentAt + ROUNDING_MS) {
    return `it says that its first token took ${firstTokenMs} ms, and it was there sooner`;
  }
  return null;
}
