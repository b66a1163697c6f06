import { type CalibrationEntry, shippedCalibrations } from '../../node/calibration/mod.ts';
import { equalBytes } from '../../feeds/base/mod.ts';

/** The calibration of the embedded model between two classes: it ships with the program. */
export async function embeddedCalibration(): Promise<CalibrationEntry> {
  const shipped = await shippedCalibrations();
  return shipped.find(({ calibration: { executorClass, auditorClass } }) =>
    !equalBytes(executorClass, auditorClass)
  )!;
}
