import { BadInput, Cursor, ShortInput } from './cursor.ts';

/** Value types of GGUF metadata that are not scalars. */
const STRING = 8;
const ARRAY = 9;
/** Bytes of a scalar by value type; 0 where it is not one. */
const SCALAR_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

const MAX_ENTRIES = 4096;
const MAX_TENSORS = 262_144;
const MAX_KEY_BYTES = 65_535;
const MAX_STRING_BYTES = 16 * 2 ** 20;
const MAX_ELEMENTS = 16 * 2 ** 20;
const MAX_NESTING = 2;
/** Longer arrays (vocabularies) are counted and skipped, never kept. */
const KEPT_ELEMENTS = 1024;

/** A list that was too long to keep, or a list of strings: only its length is known. */
export interface SkippedArray {
  count: number;
}

export type GgufValue = string | number | boolean | number[] | SkippedArray;

/** One metadata entry. `start` and `end` delimit its bytes in the file, key and type included. */
export interface GgufEntry {
  value: GgufValue;
  start: number;
  end: number;
}

/** A tensor's description; `offset` is from the start of the tensor data, in bytes. */
export interface GgufTensor {
  name: string;
  dimensions: number[];
  type: number;
  offset: number;
}

/** What stands before the tensor data. */
export interface GgufHeader {
  version: number;
  entries: Map<string, GgufEntry>;
  tensors: GgufTensor[];
  /** Byte span of the metadata entries. */
  metadata: { start: number; end: number };
  /** Where the tensor descriptions end; the data begins at the next multiple of the alignment. */
  end: number;
}

/**
 * Parses the beginning of a GGUF file, version 2 or 3, little-endian.
 * Source: docs/gguf.md of the ggml project. Time and memory are linear in `bytes`.
 * @param fileSize size in bytes of the whole file: it bounds the counts
 * @throws {ShortInput} if `bytes` ends before the header does
 * @throws {BadInput} if the format is broken or a limit is passed
 */
export function parseHeader(bytes: Uint8Array, fileSize: number): GgufHeader {
  const cursor = new Cursor(bytes);
  if (new TextDecoder().decode(cursor.slice(cursor.skip(4), 4)) !== 'GGUF') {
    throw new BadInput('it does not begin with "GGUF"');
  }
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new BadInput(`GGUF version ${version}`);
  const tensorCount = cursor.u64();
  const entryCount = cursor.u64();
  // The smallest entry has 13 bytes (empty key, one-byte value), the smallest tensor 24.
  limit('tensors', tensorCount, MAX_TENSORS);
  limit('metadata entries', entryCount, MAX_ENTRIES);
  const least = cursor.at + 24 * tensorCount + 13 * entryCount;
  if (least > fileSize) throw new ShortInput(least);

  const entries = new Map<string, GgufEntry>();
  const metadataStart = cursor.at;
  for (let i = 0; i < entryCount; i++) {
    const start = cursor.at;
    const key = cursor.text(MAX_KEY_BYTES);
    if (entries.has(key)) throw new BadInput(`two entries ${JSON.stringify(key.slice(0, 80))}`);
    const value = readValue(cursor, cursor.u32(), 0);
    entries.set(key, { value, start, end: cursor.at });
  }
  const metadata = { start: metadataStart, end: cursor.at };
  const tensors: GgufTensor[] = [];
  for (let i = 0; i < tensorCount; i++) tensors.push(readTensor(cursor));
  return { version, entries, tensors, metadata, end: cursor.at };
}

function readValue(cursor: Cursor, type: number, depth: number): GgufValue {
  if (type === STRING) return cursor.text(MAX_STRING_BYTES);
  if (type !== ARRAY) return cursor.scalar(type);
  if (depth >= MAX_NESTING) throw new BadInput('lists nested too deep');
  const inner = cursor.u32();
  const count = cursor.u64();
  limit('elements in a list', count, MAX_ELEMENTS);
  const size = SCALAR_BYTES[inner];
  if (size !== undefined && size > 0) {
    if (count > KEPT_ELEMENTS) return (cursor.skip(count * size), { count });
    return Array.from({ length: count }, () => Number(cursor.scalar(inner)));
  }
  if (inner === STRING) { for (let i = 0; i < count; i++) cursor.bytes(MAX_STRING_BYTES); }
  else if (inner === ARRAY) { for (let i = 0; i < count; i++) readValue(cursor, ARRAY, depth + 1); }
  else throw new BadInput(`value type ${inner}`);
  return { count };
}

function readTensor(cursor: Cursor): GgufTensor {
  const name = cursor.text(MAX_KEY_BYTES);
  const rank = cursor.u32();
  limit('dimensions of a tensor', rank, 8);
  const dimensions = Array.from({ length: rank }, () => cursor.u64());
  return { name, dimensions, type: cursor.u32(), offset: cursor.u64() };
}

function limit(what: string, count: number, most: number): void {
  if (count > most) throw new BadInput(`${count} ${what}`);
}
