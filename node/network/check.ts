import { cleanText } from '../../feeds/base/mod.ts';

/** Plain checks for documents of outside; `fail` throws the document's own error. */
export type Fail = (what: string) => never;

/** An object with exactly these members (optional ones end in `?`). */
export function members(value: unknown, names: string[], fail: Fail): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('not an object');
  const known = names.map((name) => name.replace('?', ''));
  const from = value as Record<string, unknown>;
  for (const name of Object.keys(from)) {
    if (!known.includes(name)) fail(`unknown member ${JSON.stringify(name.slice(0, 40))}`);
  }
  for (const name of names) {
    if (!name.endsWith('?') && from[name] === undefined) fail(`${name} is missing`);
  }
  return from;
}

/** Lower-case hexadecimal of that many bytes. */
export function hex(value: unknown, bytes: number, name: string, fail: Fail): string {
  const ok = typeof value === 'string' && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);
  return ok ? value : fail(`${name} is not ${2 * bytes} lower-case hexadecimal digits`);
}

/** A whole number within bounds. */
export function whole(
  value: unknown,
  least: number,
  most: number,
  name: string,
  fail: Fail,
): number {
  const ok = Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  return ok ? Number(value) : fail(`${name} is not a whole number from ${least} to ${most}`);
}

/** A list of at most `most` values. */
export function listOf(value: unknown, most: number, name: string, fail: Fail): unknown[] {
  return Array.isArray(value) && value.length <= most
    ? value
    : fail(`${name} is not a list of at most ${most}`);
}

/** Longest name of a person's machine, bytes of UTF-8. */
const MAX_LABEL_BYTES = 64;

/** Any text as a name that can be shown: no control characters, at most 64 bytes; never empty. */
export function label(value: unknown): string {
  return (typeof value === 'string' ? cleanText(value, MAX_LABEL_BYTES).trim() : '') || 'unnamed';
}

/** True for text that {@link label} leaves as it is. */
export function isLabel(value: unknown): value is string {
  return typeof value === 'string' && label(value) === value;
}

/** A network's name, which is also the name of its folder. */
export function isNetworkName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9](-?[a-z0-9]){0,31}$/.test(value);
}
