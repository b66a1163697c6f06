import { NexusError } from '../../feeds/base/mod.ts';

/** What may stand in a hashed or signed document. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const MAX_DEPTH = 16;

/**
 * The one text of a JSON value: members sorted by UTF-16 code units, no white space (RFC 8785), and
 * no numbers but safe integers, on whose text all languages agree.
 * @throws {NexusError} `JSON_NOT_CANONICAL`
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw bad('it is nested too deeply');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw bad(`${value} is no integer`);
    return String(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw bad('a text holds a lone surrogate');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((entry) => canonicalJson(entry, depth + 1)).join(',')}]`;
  }
  if (typeof value !== 'object') throw bad(`a ${typeof value} is no JSON`);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => `${canonicalJson(name)}:${canonicalJson(entry, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/** UTF-8 bytes of {@link canonicalJson}. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}

function bad(what: string): NexusError {
  return new NexusError('JSON_NOT_CANONICAL', `a document cannot be hashed: ${what}`);
}
