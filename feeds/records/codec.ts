import c from 'compact-encoding';
import { messageOf, NexusError } from '../base/mod.ts';

/** Cursor of compact-encoding: `start` moves, `end` bounds. */
export interface State {
  start: number;
  end: number;
  buffer: Uint8Array | null;
}

/** A canonical codec in compact-encoding's shape: one value has one encoding. */
export interface Codec<T> {
  /** Adds the encoded size to `state.end`; throws on a value that may not be encoded. */
  preencode(state: State, value: T): void;
  encode(state: State, value: T): void;
  decode(state: State): T;
}

/** A value out of its bounds, found while encoding or decoding. */
export class BadField extends Error {}

/**
 * Encodes a value.
 * @throws {NexusError} `RECORD_BAD_FIELD` or `RECORD_TOO_LARGE`
 */
export function encodeWith<T>(codec: Codec<T>, value: T, limit: number): Uint8Array {
  const state: State = { start: 0, end: 0, buffer: null };
  try {
    codec.preencode(state, value);
    if (state.end > limit) throw tooLarge(state.end, limit);
    state.buffer = new Uint8Array(state.end);
    codec.encode(state, value);
    return state.buffer;
  } catch (thrown) {
    throw coded(thrown);
  }
}

/**
 * Decodes bytes that anybody may have written; byte arrays in the result are views on `bytes`.
 * @throws {NexusError} `RECORD_TRUNCATED`, `RECORD_BAD_FIELD`, `RECORD_TOO_LARGE`,
 * `RECORD_TRAILING`, `RECORD_UNKNOWN_VERSION` or `RECORD_UNKNOWN_KIND`
 */
export function decodeWith<T>(codec: Codec<T>, bytes: Uint8Array, limit: number): T {
  if (bytes.length > limit) throw tooLarge(bytes.length, limit);
  // Plain views, whatever subclass (Buffer) the caller holds.
  const buffer = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const state: State = { start: 0, end: buffer.length, buffer };
  let value: T;
  try {
    value = codec.decode(state);
  } catch (thrown) {
    throw coded(thrown);
  }
  if (state.start !== state.end) {
    throw new NexusError(
      'RECORD_TRAILING',
      `${state.end - state.start} bytes follow the end of the entry`,
      { hint: 'skip this entry: its writer does not follow the schema' },
    );
  }
  return value;
}

function tooLarge(size: number, limit: number): NexusError {
  return new NexusError('RECORD_TOO_LARGE', `an entry of ${size} bytes exceeds ${limit}`, {
    hint: 'shorten its lists or texts',
  });
}

function coded(thrown: unknown): NexusError {
  if (thrown instanceof NexusError) return thrown;
  const text = messageOf(thrown);
  // compact-encoding has no codes: this is its one text for a read past the end.
  if (!(thrown instanceof BadField) && text.endsWith('Out of bounds')) {
    return new NexusError('RECORD_TRUNCATED', 'the entry ends in the middle of a field', {
      hint: 'skip this entry, or fetch it again if it came over the network',
    });
  }
  return new NexusError('RECORD_BAD_FIELD', `bad field: ${text}`, {
    hint: 'check the value against the limits in feeds/records/limits.ts',
    cause: thrown,
  });
}

const minimal = (n: number): number => (n <= 0xfc ? 1 : n <= 0xffff ? 3 : n <= 0xffff_ffff ? 5 : 9);

/** A whole number in `[min, max]`, as compact-encoding's shortest uint. */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Codec<number> {
  const check = (n: number): number => {
    if (!Number.isSafeInteger(n) || n < min || n > max) {
      throw new BadField(`${String(n)} is not a whole number from ${min} to ${max}`);
    }
    return n;
  };
  return {
    preencode: (state, n) => c.uint.preencode(state, check(n)),
    encode: (state, n) => c.uint.encode(state, n),
    decode(state) {
      const from = state.start;
      const n = check(c.uint.decode(state));
      if (state.start - from !== minimal(n)) throw new BadField('a number is not in shortest form');
      return n;
    },
  };
}

/** Exactly `length` bytes. */
export function fixed(length: number): Codec<Uint8Array> {
  const bytes = c.fixed(length);
  return {
    preencode(state, value) {
      if (!(value instanceof Uint8Array) || value.length !== length) {
        throw new BadField(`expected ${length} bytes`);
      }
      state.end += length;
    },
    encode: (state, value) => bytes.encode(state, value),
    decode(state) {
      if (state.end - state.start < length) throw new Error('Out of bounds');
      const { buffer, byteOffset } = state.buffer!;
      // Cheaper than subarray(), which asks for the array's species first.
      const value = new Uint8Array(buffer, byteOffset + state.start, length);
      state.start += length;
      return value;
    },
  };
}

/** True or false, one byte. */
export const bool: Codec<boolean> = {
  preencode(state, value) {
    if (typeof value !== 'boolean') throw new BadField('expected true or false');
    state.end++;
  },
  encode: (state, value) => c.uint8.encode(state, value ? 1 : 0),
  decode(state) {
    const byte = c.uint8.decode(state);
    if (byte > 1) throw new BadField('expected true or false');
    return byte === 1;
  },
};
