import { encodeCalibration } from '../audit/mod.ts';
import type { AuditAgent } from '../auditor/mod.ts';
import { shippedCalibrations } from '../calibration/mod.ts';
import type { OwnLogs } from './logs.ts';

/** A witness stands for the calibrations that ship with its program: logs those that its log has not. */
export async function vouchForShipped(own: AuditAgent['own'], logs: OwnLogs): Promise<void> {
  const shipped = await shippedCalibrations();
  const missing = shipped.filter(({ calibration }) => !own.vouches(encodeCalibration(calibration)));
  if (missing.length > 0) await logs.append('attestations', missing.map(({ block }) => block));
}
