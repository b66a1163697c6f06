import { fromHex, type NexusError, toHex } from '../base/mod.ts';
import type { SignedHead } from './types.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** JSON with sorted members and no spaces: one text for one value. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) =>
    `${JSON.stringify(name)}:${canonical(value[name]!)}`
  );
  return `{${members.join()}}`;
}

/** A signed head as JSON. */
export function headToJson({ key, length, fork, treeHash, signature, manifest }: SignedHead): Json {
  return {
    key: toHex(key),
    length,
    fork,
    treeHash: toHex(treeHash),
    signature: toHex(signature),
    manifest: toHex(manifest),
  };
}

/** Reads the fields of a file that anybody may have written: exactly those expected, or a refusal. */
export class JsonFields {
  readonly #refuse: (what: string) => NexusError;

  /** @param refuse makes the error for a sentence that names the place and what was expected */
  constructor(refuse: (what: string) => NexusError) {
    this.#refuse = refuse;
  }

  bad(where: string, expected: string): NexusError {
    return this.#refuse(`${where}: expected ${expected}`);
  }

  members<N extends string>(
    json: unknown,
    where: string,
    names: readonly N[],
  ): Record<N, unknown> {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw this.bad(where, 'an object');
    }
    const found = Object.keys(json);
    if (found.length !== names.length || !names.every((name) => Object.hasOwn(json, name))) {
      throw this.bad(where, `the members ${names.join(', ')}`);
    }
    return json as Record<N, unknown>;
  }

  list<T>(
    json: unknown,
    where: string,
    max: number,
    item: (json: unknown, where: string) => T,
  ): T[] {
    if (!Array.isArray(json) || json.length > max) {
      throw this.bad(where, `a list of at most ${max}`);
    }
    return json.map((value, i) => item(value, `${where}[${i}]`));
  }

  hex(json: unknown, where: string, length?: number): Uint8Array {
    const ok = typeof json === 'string' && /^(?:[0-9a-f]{2})*$/.test(json) &&
      (length === undefined || json.length === 2 * length);
    if (!ok) throw this.bad(where, `${length ?? 'whole'} bytes in lower-case hexadecimal`);
    return fromHex(json);
  }

  whole(json: unknown, where: string, max = Number.MAX_SAFE_INTEGER): number {
    const ok = Number.isSafeInteger(json) && (json as number) >= 0 && (json as number) <= max;
    if (!ok) throw this.bad(where, 'a whole number');
    return json as number;
  }

  token(json: unknown, where: string): number {
    if (this.whole(json, where) > 0xffff_ffff) throw this.bad(where, 'a token id');
    return json as number;
  }

  string(json: unknown, where: string): string {
    if (typeof json !== 'string') throw this.bad(where, 'a text');
    return json;
  }

  head(json: unknown, where: string): SignedHead {
    const names = ['key', 'length', 'fork', 'treeHash', 'signature', 'manifest'] as const;
    const fields = this.members(json, where, names);
    return {
      key: this.hex(fields.key, `${where}.key`, 32),
      length: this.whole(fields.length, `${where}.length`),
      fork: this.whole(fields.fork, `${where}.fork`),
      treeHash: this.hex(fields.treeHash, `${where}.treeHash`, 32),
      signature: this.hex(fields.signature, `${where}.signature`),
      manifest: this.hex(fields.manifest, `${where}.manifest`),
    };
  }
}
