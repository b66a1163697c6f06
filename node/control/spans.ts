const UNITS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']] as const;

/** A span for people, about: `40 s`, `12 min`, `3 h`. @param ms milliseconds */
export function about(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms >= 2 * size) ?? UNITS[3];
  return `${Math.max(0, Math.round(ms / size))} ${unit}`;
}
