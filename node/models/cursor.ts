/** The bytes at hand end before the value does: more of the file is needed, if there is more. */
export class ShortInput extends Error {
  /** Offset up to which bytes are needed. */
  readonly need: number;
  constructor(need: number) {
    super(`bytes up to ${need} are needed`);
    this.need = need;
  }
}

/** What the bytes say breaks the format. */
export class BadInput extends Error {}

/** Little-endian reader over the beginning of a file. */
export class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves on by `length` bytes and returns where it stood. */
  skip(length: number): number {
    const start = this.at;
    const end = start + length;
    if (end > this.#bytes.length) throw new ShortInput(end);
    this.at = end;
    return start;
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** A count, size or offset; beyond 2^53 nothing fits on a disk. */
  u64(): number {
    const value = this.#view.getBigUint64(this.skip(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BadInput(`absurd number ${value}`);
    return Number(value);
  }

  /** The bytes of a length-prefixed string. */
  bytes(limit: number): Uint8Array {
    const length = this.u64();
    if (length > limit) throw new BadInput(`a string of ${length} bytes`);
    const start = this.skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(limit: number): string {
    return new TextDecoder().decode(this.bytes(limit));
  }

  slice(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  /** A scalar by its GGUF value type; 64-bit numbers beyond 2^53 lose their low bits. */
  scalar(type: number): number | boolean {
    const view = this.#view;
    switch (type) {
      case 0:
        return view.getUint8(this.skip(1));
      case 1:
        return view.getInt8(this.skip(1));
      case 2:
        return view.getUint16(this.skip(2), true);
      case 3:
        return view.getInt16(this.skip(2), true);
      case 4:
        return view.getUint32(this.skip(4), true);
      case 5:
        return view.getInt32(this.skip(4), true);
      case 6:
        return view.getFloat32(this.skip(4), true);
      case 7:
        return view.getUint8(this.skip(1)) !== 0;
      case 10:
        return Number(view.getBigUint64(this.skip(8), true));
      case 11:
        return Number(view.getBigInt64(this.skip(8), true));
      case 12:
        return view.getFloat64(this.skip(8), true);
      default:
        throw new BadInput(`value type ${type}`);
    }
  }
}
