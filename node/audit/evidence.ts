import type { JobEvidence } from '../../feeds/trust/mod.ts';
import { b1Cell, marginCell } from './cells.ts';
import type { Calibration } from './calibration.ts';
import type { Observation } from './observe.ts';

/** The whole job counts, wherever a sequential test stopped. */
export function jobEvidence(
  { margins, b1 }: Calibration,
  observations: readonly Observation[],
): JobEvidence {
  const logs = [...margins.alternatives, ...b1.alternatives].map(() => 0);
  for (const { soft, b1: difference } of observations) {
    const a = marginCell(soft), b = b1Cell(difference);
    let at = 0;
    for (const { scores } of margins.alternatives) logs[at++]! += scores[a]!;
    for (const { scores } of b1.alternatives) logs[at++]! += scores[b]!;
  }
  return logs;
}
