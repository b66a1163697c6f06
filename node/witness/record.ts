import { decodeRecord, type LogRecord } from '../../feeds/records/mod.ts';

/** Null for a block that is no entry, or one of a later version of this program. */
export function recordOf(block: Uint8Array): LogRecord | null {
  try {
    return decodeRecord(block);
  } catch {
    return null;
  }
}
