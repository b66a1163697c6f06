const UNITS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']] as const;

/** A span for people, about: `40 s`, `12 min`, `3 h`. @param ms milliseconds */
export function about(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms >= 2 * size) ?? UNITS[3];
  return `${Math.max(0, Math.round(ms / size))} ${unit}`;
}

/** How far a ledger is, and how fast it goes on. */
export interface Pace {
  /** Newest cut; null before the first. */
  epoch: number | null;
  epochMs: number;
  /** When it came, milliseconds since 1970. */
  cutAt: number | null;
}

/** When a cut is to come: `cut 12, in about 40 s`. A cut that is there already is `cut 12`. */
export function atCut(cut: number, { epoch, epochMs, cutAt }: Pace, now: number): string {
  if (epoch === null || cut <= epoch) return `cut ${cut}`;
  const left = (cut - epoch) * epochMs - (cutAt === null ? 0 : now - cutAt);
  return `cut ${cut}, in about ${about(Math.max(0, left))}`;
}
