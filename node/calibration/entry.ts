import { equalBytes, NexusError } from '../../feeds/base/mod.ts';
import {
  type CalibrationRecord,
  decodeRecord,
  encodeRecord,
  recordHash,
} from '../../feeds/records/mod.ts';
import { type Calibration, decodeCalibration, encodeCalibration } from '../audit/mod.ts';

/** A calibration as it stands in a log. */
export interface CalibrationEntry {
  calibration: Calibration;
  /** `recordHash` of the entry: what verdicts cite. */
  hash: Uint8Array;
  /** The entry itself, as it is written. */
  block: Uint8Array;
  /** When it was measured, ms since 1970, by its writer's clock. */
  at: number;
}

/** @param at ms since 1970 */
export function calibrationEntry(calibration: Calibration, at: number): CalibrationEntry {
  const { profile, executorClass, auditorClass } = calibration;
  const table = encodeCalibration(calibration);
  return entryOf({ type: 'calibration', profile, executorClass, auditorClass, table, at });
}

/**
 * Reads an entry that anybody may have written.
 * @throws {NexusError} `RECORD_*`, `CALIBRATION_BAD`, `CALIBRATION_EMPTY`
 */
export function readCalibrationEntry(block: Uint8Array): CalibrationEntry {
  const record = decodeRecord(block);
  if (record.type !== 'calibration') throw bad(`it is an entry of type ${record.type}`);
  return entryOf(record);
}

/** As {@link readCalibrationEntry}, of a record that is decoded already. */
export function entryOf(record: CalibrationRecord): CalibrationEntry {
  const calibration = decodeCalibration(record.table);
  for (const field of ['profile', 'executorClass', 'auditorClass'] as const) {
    if (equalBytes(record[field], calibration[field])) continue;
    throw bad(`its ${field} is not that of its table`);
  }
  const block = encodeRecord(record);
  return { calibration, hash: recordHash(block), block, at: record.at };
}

function bad(what: string): NexusError {
  return new NexusError('CALIBRATION_BAD', `not a calibration: ${what}`, {
    hint: 'measure it again with `nexus calibrate`',
  });
}
