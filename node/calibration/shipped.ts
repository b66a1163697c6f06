import { readdir, readFile } from 'node:fs/promises';
import type { CalibrationEntry } from './entry.ts';
import { readCalibrationFile } from './file.ts';

/** The folder that ships with the program. */
const SHIPPED = new URL('../../models/', import.meta.url);

/**
 * The calibrations that ship with the program, of all models: `*.calibration.json` in the folder.
 * @throws {NexusError} `CALIBRATION_*`, `RECORD_*`
 */
export async function shippedCalibrations(folder: URL = SHIPPED): Promise<CalibrationEntry[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.calibration.json'));
  const texts = names.sort().map((name) => readFile(new URL(name, folder), 'utf8'));
  return (await Promise.all(texts)).flatMap(readCalibrationFile);
}
