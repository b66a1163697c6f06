import type { EnergyRow } from '../control/mod.ts';

const SOURCES: readonly unknown[] = ['nvml', 'rapl', 'estimate'];
const MAX_JOULES = 1e12;
/** Days begin and end within it (ECMA-262, time values). */
const MAX_TIME = 8.64e15;

/** A row as it stands in a file that anybody may have changed; null if it is none. */
export function parseRow(value: unknown): EnergyRow | null {
  if (typeof value !== 'object' || value === null) return null;
  const row = value as EnergyRow;
  const isKey = (text: unknown) => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
  const isMoment = (at: unknown) => isCount(at) && (at as number) <= MAX_TIME;
  const isJoules = (j: unknown) => typeof j === 'number' && j >= 0 && j <= MAX_JOULES;
  const fits = isMoment(row.at) && (row.session === null || isMoment(row.session)) &&
    (row.job === null || isKey(row.job)) && (row.attempt === null || isCount(row.attempt)) &&
    isCount(row.jobs) && row.jobs > 0 && typeof row.own === 'boolean' && isKey(row.profile) &&
    typeof row.model === 'string' && row.model.length <= 80 && SOURCES.includes(row.source) &&
    typeof row.error === 'number' && row.error >= 0 && row.error <= 1 &&
    [row.promptTokens, row.tokens, row.evaluated, row.decoded].every(isCount) &&
    isJoules(row.prompt) && isJoules(row.output) && (row.ncu === null || isCount(row.ncu));
  return fits ? row : null;
}

/** Day of a moment, `2026-11-22` (UTC). @param at milliseconds since 1970 */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/**
 * Adds rows up by what `key` says of them, in the order in which the keys come. Errors of one source
 * lean to one side, so that of a sum is their mean by energy, not less.
 */
export function sumBy(
  rows: readonly EnergyRow[],
  key: (row: EnergyRow) => string,
): EnergyRow[] {
  const sums = new Map<string, EnergyRow>();
  for (const row of rows) {
    const name = key(row), sum = sums.get(name);
    if (sum === undefined) {
      sums.set(name, { ...row });
      continue;
    }
    const before = sum.prompt + sum.output, more = row.prompt + row.output, all = before + more;
    sum.error = all > 0
      ? (sum.error * before + row.error * more) / all
      : Math.max(sum.error, row.error);
    sum.at = Math.max(sum.at, row.at);
    sum.session = sum.session === row.session ? sum.session : null;
    sum.job = sum.attempt = null;
    sum.own &&= row.own;
    sum.ncu = sum.ncu === null || row.ncu === null ? null : sum.ncu + row.ncu;
    for (const field of ADDED) sum[field] += row[field];
  }
  return [...sums.values()];
}

const ADDED = [
  'jobs',
  'promptTokens',
  'tokens',
  'evaluated',
  'decoded',
  'prompt',
  'output',
] as const;

/** Rows of one day, model and source as one. */
export function byDay(rows: readonly EnergyRow[]): EnergyRow[] {
  return sumBy(rows, ({ at, profile, source, own }) => [dayOf(at), profile, source, own].join(' '))
    .map((row) => ({ ...row, session: null, job: null, attempt: null }));
}

/** Joules of a prompt token and of an output token; null where there were none. */
export function perToken({ prompt, output, evaluated, decoded }: EnergyRow) {
  return {
    promptToken: evaluated > 0 ? prompt / evaluated : null,
    outputToken: decoded > 0 ? output / decoded : null,
  };
}
