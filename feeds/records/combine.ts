import c from 'compact-encoding';
import { isPlainText, messageOf } from '../base/mod.ts';
import { BadField, bool, type Codec, type State, uint } from './codec.ts';

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text in NFC of at most `max` UTF-8 bytes, without control or direction-override characters. */
export function text(max: number): Codec<string> {
  const size = uint(max);
  const check = (value: string): string => {
    if (typeof value !== 'string') throw new BadField('expected text');
    if (!isPlainText(value)) throw new BadField('text holds control characters');
    if (value.normalize('NFC') !== value) throw new BadField('text is not in NFC');
    return value;
  };
  return {
    preencode(state, value) {
      if (!check(value).isWellFormed()) throw new BadField('text holds a lone surrogate');
      const bytes = utf8.encode(value).length;
      size.preencode(state, bytes);
      state.end += bytes;
    },
    encode(state, value) {
      const bytes = utf8.encode(value);
      size.encode(state, bytes.length);
      state.buffer!.set(bytes, state.start);
      state.start += bytes.length;
    },
    decode(state) {
      const length = size.decode(state);
      if (state.end - state.start < length) throw new Error('Out of bounds');
      const bytes = state.buffer!.subarray(state.start, state.start += length);
      let value: string;
      try {
        value = strict.decode(bytes);
      } catch {
        throw new BadField('text is not UTF-8');
      }
      return check(value);
    },
  };
}

/** At most `max` bytes, after their number. */
export function blob(max: number): Codec<Uint8Array> {
  const size = uint(max);
  return {
    preencode(state, value) {
      if (!(value instanceof Uint8Array)) throw new BadField('expected bytes');
      size.preencode(state, value.length);
      state.end += value.length;
    },
    encode(state, value) {
      size.encode(state, value.length);
      state.buffer!.set(value, state.start);
      state.start += value.length;
    },
    decode(state) {
      const length = size.decode(state);
      if (state.end - state.start < length) throw new Error('Out of bounds');
      return state.buffer!.subarray(state.start, state.start += length);
    },
  };
}

/** A whole number from `-max` to `max`, its sign in the lowest bit. */
export function integer(max: number): Codec<number> {
  const bits = uint(2 * max);
  const zigzag = (value: number): number => {
    if (!Number.isSafeInteger(value) || Math.abs(value) > max || Object.is(value, -0)) {
      throw new BadField(`${String(value)} is not a whole number from -${max} to ${max}`);
    }
    return value < 0 ? -2 * value - 1 : 2 * value;
  };
  return {
    preencode: (state, value) => bits.preencode(state, zigzag(value)),
    encode: (state, value) => bits.encode(state, zigzag(value)),
    decode(state) {
      const coded = bits.decode(state);
      return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
    },
  };
}

/** One of a few words, as its place in the list. */
export function word<T extends string>(...words: readonly T[]): Codec<T> {
  return {
    preencode(state, value) {
      if (!words.includes(value)) throw new BadField(`expected one of ${words.join(', ')}`);
      state.end++;
    },
    encode: (state, value) => c.uint8.encode(state, words.indexOf(value)),
    decode(state) {
      const value = words[c.uint8.decode(state)];
      if (value === undefined) throw new BadField(`expected one of ${words.join(', ')}`);
      return value;
    },
  };
}

/** A value or null: a flag byte, then the value. */
export function nullable<T>(inner: Codec<T>): Codec<T | null> {
  return {
    preencode(state, value) {
      state.end++;
      if (value !== null) inner.preencode(state, value);
    },
    encode(state, value) {
      bool.encode(state, value !== null);
      if (value !== null) inner.encode(state, value);
    },
    decode: (state) => (bool.decode(state) ? inner.decode(state) : null),
  };
}

/**
 * A value or null, told apart by the bytes that follow it in the entry: so many, and there is none. So
 * entries that were written before the field was are what they were.
 */
export function absentBefore<T>(inner: Codec<T>, rest: number): Codec<T | null> {
  return {
    preencode(state, value) {
      if (value !== null) inner.preencode(state, value);
    },
    encode(state, value) {
      if (value !== null) inner.encode(state, value);
    },
    decode: (state) => state.end - state.start <= rest ? null : inner.decode(state),
  };
}

/** At most `max` values. */
export function list<T>(inner: Codec<T>, max: number): Codec<T[]> {
  const count = uint(max);
  return {
    preencode(state, values) {
      if (!Array.isArray(values)) throw new BadField('expected a list');
      count.preencode(state, values.length);
      for (const value of values) inner.preencode(state, value);
    },
    encode(state, values) {
      count.encode(state, values.length);
      for (const value of values) inner.encode(state, value);
    },
    decode(state) {
      const values: T[] = [];
      for (let n = count.decode(state); n > 0; n--) values.push(inner.decode(state));
      return values;
    },
  };
}

/** A struct's codec. */
export interface StructCodec<T> extends Codec<T> {
  /** All of its fields, empty: copied, it is filled four times as fast as an object that grows. */
  readonly blank: T;
  /** Fills `target`, a copy of `blank` or of an object that has its fields among others. */
  decodeInto(state: State, target: T): T;
}

/** Fields in the order given; errors name the field. */
export function struct<T extends object>(
  fields: { [K in keyof T]-?: Codec<T[K]> },
  valid: (value: T) => string | null = () => null,
): StructCodec<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const codecs = names.map((name) => fields[name] as Codec<unknown>);
  const blank = Object.fromEntries(names.map((name) => [name, undefined])) as T;
  const named = (thrown: unknown, i: number): unknown =>
    thrown instanceof BadField ? new BadField(`${names[i]}: ${messageOf(thrown)}`) : thrown;
  const check = (value: T): void => {
    const fault = valid(value);
    if (fault !== null) throw new BadField(fault);
  };
  // Plain loops: this is the hot path of a replay.
  const decodeInto = (state: State, target: T): T => {
    let i = 0;
    try {
      for (; i < names.length; i++) {
        target[names[i]!] = codecs[i]!.decode(state) as T[keyof T & string];
      }
    } catch (thrown) {
      throw named(thrown, i);
    }
    check(target);
    return target;
  };
  return {
    preencode(state: State, value: T) {
      if (typeof value !== 'object' || value === null) throw new BadField('expected an object');
      let i = 0;
      try {
        for (; i < names.length; i++) codecs[i]!.preencode(state, value[names[i]!]);
      } catch (thrown) {
        throw named(thrown, i);
      }
      check(value);
    },
    encode(state: State, value: T) {
      for (let i = 0; i < names.length; i++) codecs[i]!.encode(state, value[names[i]!]);
    },
    decode: (state: State) => decodeInto(state, { ...blank }),
    decodeInto,
    blank,
  };
}
