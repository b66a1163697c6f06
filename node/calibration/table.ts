import { equalBytes } from '../../feeds/base/mod.ts';
import type { CalibrationFacts } from '../../feeds/trust/mod.ts';
import { type Calibration, decodeCalibration, isSufficient } from '../audit/mod.ts';
import { deviates, widthOf } from './choose.ts';

/**
 * A calibration entry's table; null where its bounds do not follow from its own samples, or these are
 * too few for the network's error rate. The same on every machine.
 * @param alpha in a million: the network's rule
 */
export function readTable(table: Uint8Array, alpha: number): Calibration | null {
  try {
    const calibration = decodeCalibration(table);
    return isSufficient(calibration, alpha / 1e6) ? calibration : null;
  } catch {
    return null;
  }
}

/** What the trust fold needs to know of one. */
export function tableFacts(table: Uint8Array, alpha: number): CalibrationFacts | null {
  const calibration = readTable(table, alpha);
  if (calibration === null) return null;
  const { profile, executorClass, auditorClass, margins, b1 } = calibration;
  const alternatives = margins.alternatives.length + b1.alternatives.length;
  // A class that deviates from itself is not exact, and says nothing of others.
  const standsIn = !equalBytes(executorClass, auditorClass) || !deviates(calibration);
  const width = standsIn ? widthOf(calibration) : null;
  return { profile, executorClass, auditorClass, alternatives, width };
}
