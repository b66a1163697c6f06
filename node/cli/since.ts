import { NexusError } from '../../feeds/base/mod.ts';

const UNITS: Readonly<Record<string, number>> = {
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/**
 * A moment as people name it: a day or a time (`2026-11-20`, `2026-11-20T18:00Z`), or so long ago
 * (`30min`, `12h`, `7d`, `2w`).
 * @returns milliseconds since 1970
 * @throws {NexusError} `USAGE`
 */
export function sinceFrom(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})\s?(min|h|d|w)$/.exec(text.trim()) ?? [];
  if (unit !== undefined) return Math.max(0, now - Number(count) * UNITS[unit]!);
  const at = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text.trim())
    ? Date.parse(text.trim())
    : NaN;
  if (at >= 0) return at;
  throw new NexusError('USAGE', `--since ${text.slice(0, 40)} is no moment`, {
    hint: 'give a day (2026-11-20), or how long ago: 30min, 12h, 7d',
  });
}
