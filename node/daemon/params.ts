import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';

/** Parameters of a control call: what programs send is checked field by field. */
export class Params {
  readonly #from: Record<string, unknown>;

  /** @throws {NexusError} `BAD_REQUEST`, as every method here */
  constructor(params: unknown) {
    const given = params ?? {};
    if (typeof given !== 'object' || Array.isArray(given)) throw bad('params', 'an object');
    this.#from = given as Record<string, unknown>;
  }

  /** 32 bytes in hexadecimal. */
  key(name = 'key'): Uint8Array {
    return keyOf(this.#from[name], name);
  }

  /** A list of keys, in hexadecimal; empty where it is left out. */
  keys(name = 'keys'): string[] {
    const keys = this.#from[name] ?? [];
    if (!Array.isArray(keys) || keys.length > 10_000) throw bad(name, 'a list');
    return keys.map((key) => toHex(keyOf(key, name)));
  }

  text(name: string, most = 512): string {
    const value = this.#from[name];
    if (typeof value !== 'string' || value === '' || value.length > most) {
      throw bad(name, `a text of 1 to ${most} characters`);
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this.#from[name];
    if (typeof value !== 'boolean') throw bad(name, 'true or false');
    return value;
  }

  whole(name: string, least: number, most: number, otherwise?: number): number {
    const value = this.#from[name] ?? otherwise;
    if (
      typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most
    ) {
      throw bad(name, `a whole number from ${least} to ${most}`);
    }
    return value;
  }

  /** As it came: for whoever checks it. */
  raw(name: string): unknown {
    return this.#from[name];
  }
}

function keyOf(value: unknown, name: string): Uint8Array {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/i.test(value)) {
    throw bad(name, '64 hexadecimal digits');
  }
  return fromHex(value.toLowerCase(), 32);
}

function bad(field: string, expected: string): NexusError {
  return new NexusError('BAD_REQUEST', `${field} must be ${expected}`, {
    hint: `correct ${field}`,
  });
}
