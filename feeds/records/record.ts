import { NexusError, taggedHash } from '../base/mod.ts';
import { type Codec, decodeWith, encodeWith, type State } from './codec.ts';
import { LIMITS, SCHEMA_VERSION } from './limits.ts';
import { KINDS } from './schema.ts';
import type { LogRecord } from './types.ts';

const KIND_BYTE = new Map(KINDS.map(([type], i) => [type, i + 1]));
const BLANKS = KINDS.map(([type, { blank }]) => ({ type, ...blank }) as LogRecord);

const record: Codec<LogRecord> = {
  preencode(state: State, value: LogRecord) {
    const byte = KIND_BYTE.get(value?.type);
    if (byte === undefined) throw unknownKind(String(value?.type));
    state.end += 2;
    KINDS[byte - 1]![1].preencode(state, value);
  },
  encode(state, value) {
    const byte = KIND_BYTE.get(value.type)!;
    state.buffer![state.start++] = SCHEMA_VERSION;
    state.buffer![state.start++] = byte;
    KINDS[byte - 1]![1].encode(state, value);
  },
  decode(state) {
    const version = next(state);
    if (version !== SCHEMA_VERSION) {
      throw new NexusError('RECORD_UNKNOWN_VERSION', `unknown schema version ${version}`, {
        hint: 'update this program if the entry comes from a newer one',
      });
    }
    const byte = next(state);
    const kind = KINDS[byte - 1];
    if (kind === undefined) throw unknownKind(String(byte));
    return kind[1].decodeInto(state, { ...BLANKS[byte - 1]! }) as LogRecord;
  },
};

/**
 * Encodes an entry: schema version 1, a byte for its kind, its fields in the order of the types.
 * @returns at most 64 KiB
 * @throws {NexusError} `RECORD_BAD_FIELD`, `RECORD_UNKNOWN_KIND` or `RECORD_TOO_LARGE`
 */
export function encodeRecord(value: LogRecord): Uint8Array {
  return encodeWith(record, value, LIMITS.recordBytes);
}

/**
 * Decodes an entry that anybody may have written. Canonical: encoding the result gives `bytes`.
 * Byte arrays in the result are views on `bytes`: copy what outlives them.
 * @throws {NexusError} `RECORD_TRUNCATED`, `RECORD_UNKNOWN_VERSION`, `RECORD_UNKNOWN_KIND`,
 * `RECORD_BAD_FIELD`, `RECORD_TRAILING` or `RECORD_TOO_LARGE`; never anything else
 */
export function decodeRecord(bytes: Uint8Array): LogRecord {
  return decodeWith(record, bytes, LIMITS.recordBytes);
}

/** Tagged hash of an entry's bytes: 32 bytes. It is what `offer` and `settle.artifact` hold. */
export function recordHash(bytes: Uint8Array): Uint8Array {
  return taggedHash('nexus/record/1', bytes);
}

function next(state: State): number {
  if (state.start >= state.end) throw new Error('Out of bounds');
  return state.buffer![state.start++]!;
}

function unknownKind(kind: string): NexusError {
  return new NexusError('RECORD_UNKNOWN_KIND', `unknown kind of entry: ${kind.slice(0, 40)}`, {
    hint: 'update this program if the entry comes from a newer one',
  });
}
