import { NexusError } from '../base/mod.ts';

/**
 * Reads fields of a message that came from outside, one by one, each with its type and bounds.
 * Every method throws `BAD_MESSAGE` for anything else.
 */
export class Fields {
  readonly #value: Record<string, unknown>;

  constructor(value: unknown) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw bad('object');
    this.#value = value as Record<string, unknown>;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined && this.#value[name] !== null;
  }

  text(name: string, max = 4096): string {
    const value = this.#value[name];
    if (typeof value !== 'string' || value.length > max) throw bad(name);
    return value;
  }

  number(name: string, min = 0, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.#value[name];
    if (typeof value !== 'number' || !Number.isInteger(value)) throw bad(name);
    if (value < min || value > max) throw bad(name);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    if (typeof value !== 'boolean') throw bad(name);
    return value;
  }

  /** @param length exact length, or the most where `atMost` is set */
  bytes(name: string, length: number, atMost = false): Uint8Array {
    return bytes(this.#value[name], name, length, atMost);
  }

  /** A list of byte arrays. */
  list(name: string, length: number, max: number, atMost = false): Uint8Array[] {
    const value = this.#value[name];
    if (!Array.isArray(value) || value.length > max) throw bad(name);
    return value.map((item) => bytes(item, name, length, atMost));
  }

  /** A list of objects, each to be read in its turn. */
  objects(name: string, max: number): Fields[] {
    const value = this.#value[name];
    if (!Array.isArray(value) || value.length > max) throw bad(name);
    return value.map((item) => new Fields(item));
  }

  raw(name: string): unknown {
    return this.#value[name];
  }
}

function bytes(value: unknown, name: string, length: number, atMost: boolean): Uint8Array {
  if (!(value instanceof Uint8Array)) throw bad(name);
  if (atMost ? value.length > length : value.length !== length) throw bad(name);
  return value;
}

function bad(name: string): NexusError {
  return new NexusError('BAD_MESSAGE', `malformed message: field ${JSON.stringify(name)}`);
}
