import { clean } from './text.ts';

/** Reading fields of values that came from outside: what does not fit becomes null. */
export type Fields = Record<string, unknown>;

export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? value as Fields
    : null;
}

/** A finite number, else null. */
export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A whole number that is not negative, else null. */
export function count(value: unknown): number | null {
  const n = number(value);
  return n !== null && n >= 0 && Number.isSafeInteger(n) ? n : null;
}

/** A whole number, else null. */
export function whole(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** Text that is safe to show; null where there is none. */
export function text(value: unknown, max?: number): string | null {
  if (typeof value !== 'string') return null;
  return clean(value, max);
}

/** A key, hash or id in hexadecimal, else null. */
export function hex(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{2,128}$/i.test(value) ? value.toLowerCase() : null;
}

/** The values that `read` understands, at most `max` of them. */
export function list<T>(value: unknown, max: number, read: (value: unknown) => T | null): T[] {
  if (!Array.isArray(value)) return [];
  const found: T[] = [];
  for (const one of value) {
    if (found.length >= max) break;
    const row = read(one);
    if (row !== null) found.push(row);
  }
  return found;
}

/** The last values of a list that {@link list} reads. */
export function newest<T>(value: unknown, max: number, read: (value: unknown) => T | null): T[] {
  return list(Array.isArray(value) ? value.slice(-max) : null, max, read);
}

/** Counts by name, 0 where there is none. */
export function counts<K extends string>(from: Fields, names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, count(from[name]) ?? 0])) as Record<
    K,
    number
  >;
}
