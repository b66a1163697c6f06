import { about, standstillMs } from '../control/mod.ts';

/** How far a ledger is, and how fast it goes on. */
export interface Pace {
  /** Newest cut; null before the first. */
  epoch: number | null;
  epochMs: number;
  /** When it came, milliseconds since 1970. */
  cutAt: number | null;
}

/**
 * When a cut is to come: `cut 12, in about 40 s`. A cut that is there already is `cut 12`, and so is one
 * that nobody can tell of since none comes.
 */
export function atCut(cut: number, pace: Pace, now: number): string {
  const { epoch, epochMs, cutAt } = pace;
  if (epoch === null || cut <= epoch || standstillMs(pace, now) !== null) return `cut ${cut}`;
  const left = (cut - epoch) * epochMs - (cutAt === null ? 0 : now - cutAt);
  return `cut ${cut}, in about ${about(Math.max(0, left))}`;
}
