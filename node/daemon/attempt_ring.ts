import { equalBytes, fromHex, toHex } from '../../feeds/base/mod.ts';
import { ATTEMPT_NAME_BYTES } from '../job/mod.ts';

/** The first record says what the file is. */
const HEAD = new TextEncoder().encode('nexus-attempts/1');
/** Name and number, and a divisor of a disk's sector: one record is written whole or not at all. */
const RECORD = 16;
/** Records that are written without a sync between them, at most: so many may be torn. */
export const MOST_AT_ONCE = 128;
/** A number has 48 bits. */
const MOST_EVER = 2 ** 47;

/**
 * The names of the newest attempts as bytes: a ring of records, each with its number from 1 on, which
 * says its place. The newest takes the place of the oldest, so that a file of them never grows beyond
 * its bound.
 */
export class AttemptRing {
  readonly #most: number;
  readonly #image: Uint8Array<ArrayBuffer>;
  /** Number of the newest. */
  #newest = 0;

  /** @param most names that are kept */
  constructor(most: number) {
    this.#most = most;
    this.#image = new Uint8Array(boundOf(most));
    this.#image.set(HEAD);
  }

  /**
   * What a file says. Records that were being written when the power went are passed over: nobody has
   * been told anything of these attempts.
   * @returns null where it is damaged otherwise
   */
  static read(bytes: Uint8Array, most: number): AttemptRing | null {
    if (bytes.length > boundOf(most)) return null;
    if (!equalBytes(bytes.subarray(0, RECORD), HEAD)) return null;
    const ring = new AttemptRing(most);
    const torn: number[] = [];
    let oldest = Infinity;
    for (let place = 0; RECORD * (place + 2) <= bytes.length; place++) {
      const record = bytes.subarray(RECORD * (place + 1), RECORD * (place + 2));
      const number = numberOf(record);
      if (number > 0 && ring.#placeOf(number) === place) {
        ring.#image.set(record, RECORD * (place + 1));
        ring.#newest = Math.max(ring.#newest, number);
        oldest = Math.min(oldest, number);
      } else torn.push(place);
    }
    // Of a round before the last one there can only be what was to be written over.
    const isRow = oldest > ring.#newest - most - MOST_AT_ONCE && ring.#newest < MOST_EVER;
    if (!isRow || !torn.every((place) => ring.#isNearNewest(place))) return null;
    return torn.length === 0 ? ring : ring.#mended();
  }

  /** The same names, numbered anew. */
  #mended(): AttemptRing {
    const ring = new AttemptRing(this.#most);
    for (const name of this.names()) ring.add(name);
    return ring;
  }

  /** Oldest first. */
  *names(): Generator<string, void, void> {
    for (let i = 0; i < this.#most; i++) {
      const record = this.record(this.#offsetOf(this.#newest + 1 + i));
      if (numberOf(record) > 0) yield toHex(record.subarray(0, ATTEMPT_NAME_BYTES));
    }
  }

  /** Adds one. @returns where its record stands */
  add(name: string): number {
    const offset = this.#offsetOf(++this.#newest);
    const record = this.record(offset);
    record.set(fromHex(name, ATTEMPT_NAME_BYTES));
    const number = new DataView(record.buffer, record.byteOffset + ATTEMPT_NAME_BYTES);
    number.setUint16(0, Math.floor(this.#newest / 2 ** 32));
    number.setUint32(2, this.#newest % 2 ** 32);
    return offset;
  }

  /** The record that stands there, as it is now. */
  record(offset: number): Uint8Array {
    return this.#image.subarray(offset, offset + RECORD);
  }

  /** All of it, as it is now. */
  content(): Uint8Array {
    return this.#image.subarray(0, boundOf(Math.min(this.#most, this.#newest)));
  }

  #placeOf(number: number): number {
    return (number - 1) % this.#most;
  }

  #offsetOf(number: number): number {
    return RECORD * (this.#placeOf(number) + 1);
  }

  #isNearNewest(place: number): boolean {
    const newest = this.#newest === 0 ? 0 : this.#placeOf(this.#newest);
    const apart = Math.abs(place - newest);
    return Math.min(apart, this.#most - apart) <= MOST_AT_ONCE;
  }
}

/** Bytes of so many records with what stands before them. */
export function boundOf(most: number): number {
  return RECORD * (most + 1);
}

function numberOf(record: Uint8Array): number {
  const number = new DataView(record.buffer, record.byteOffset + ATTEMPT_NAME_BYTES);
  return number.getUint16(0) * 2 ** 32 + number.getUint32(2);
}
