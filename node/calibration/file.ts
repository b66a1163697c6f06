import { Buffer } from 'node:buffer';
import { NexusError } from '../../feeds/base/mod.ts';
import { type CalibrationEntry, readCalibrationEntry } from './entry.ts';

/** Characters of a file, and entries in it, at most. */
const MAX_FILE = 1_048_576;
const MAX_ENTRIES = 64;

/** Entries as a text file: what `nexus calibrate --write` makes. */
export function calibrationFile(entries: readonly CalibrationEntry[]): string {
  const blocks = entries.map(({ block }) => Buffer.from(block).toString('base64'));
  return JSON.stringify({ version: 1, entries: blocks }, null, 2) + '\n';
}

/**
 * Reads such a file, whoever made it.
 * @throws {NexusError} `CALIBRATION_BAD_FILE`, and what reading an entry throws
 */
export function readCalibrationFile(text: string): CalibrationEntry[] {
  if (text.length > MAX_FILE) throw bad('it is too large');
  let json: { version?: unknown; entries?: unknown } | null;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw bad('it is not JSON', cause);
  }
  const { version, entries } = json ?? {};
  if (version !== 1) throw bad('its version is not 1');
  if (!Array.isArray(entries) || entries.length > MAX_ENTRIES) {
    throw bad('it has no list of entries');
  }
  return entries.map((block) => {
    if (typeof block !== 'string') throw bad('an entry is not base64');
    return readCalibrationEntry(Uint8Array.from(Buffer.from(block, 'base64')));
  });
}

function bad(what: string, cause?: unknown): NexusError {
  return new NexusError('CALIBRATION_BAD_FILE', `not a file of calibrations: ${what}`, {
    hint: 'write it again: nexus calibrate --write <file>',
    ...(cause === undefined ? {} : { cause }),
  });
}
