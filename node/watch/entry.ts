import { asNexusError, toHex } from '../../feeds/base/mod.ts';
import { decodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import type { EntryRow } from '../control/mod.ts';

/** Characters of a value that are shown: the whole of a hash. */
const MAX_TEXT = 64;
/** Members of a list that are shown. */
const MAX_LIST = 16;

/** Which log an entry stands in. */
export interface EntryPlace {
  /** Key of the core, hexadecimal. */
  core: string;
  owner: string | null;
  log: string | null;
  index: number;
}

/** An entry as a row; one that cannot be decoded keeps its place, with the code of what is wrong. */
export function entryRow(place: EntryPlace, value: Uint8Array): EntryRow {
  const { core, owner, log, index } = place;
  const row = { core, owner, log, index, bytes: value.length };
  let record: LogRecord;
  try {
    record = decodeRecord(value);
  } catch (thrown) {
    const error = asNexusError(thrown).code;
    return { ...row, type: null, at: null, job: null, fields: {}, error };
  }
  const { type, ...fields } = record;
  return {
    ...row,
    type,
    at: 'at' in record ? record.at : null,
    job: 'job' in record ? toHex(record.job) : null,
    fields: shown(fields) as Record<string, unknown>,
    error: null,
  };
}

/** Bytes as hexadecimal, long texts and lists cut. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return cut(toHex(value));
  if (typeof value === 'string') return cut(value);
  if (Array.isArray(value)) return value.slice(0, MAX_LIST).map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shown(one)]));
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
