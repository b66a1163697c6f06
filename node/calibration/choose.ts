import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import { type Calibration, DEFAULT_RULES, isSufficient } from '../audit/mod.ts';
import type { CalibrationEntry } from './entry.ts';

/**
 * The calibration by which an answer is judged. Equal classes want one of equal classes, others one
 * of differing classes; of these the one for this very pair, else one that shares a class with it,
 * else any of the profile: what exactness means is the same everywhere, and for two classes that
 * nobody has measured others have to stand in. Of several the one with the widest null, which
 * accuses least.
 *
 * @param entries of writers whom the caller believes: a null that is too wide hides cheats, one that
 * is too narrow accuses the honest
 * @param alpha error rate of one job's tests
 * @returns null where none has a sample that suffices: the verdict is inconclusive
 */
export function calibrationFor(
  profile: Uint8Array,
  executorClass: Uint8Array,
  auditorClass: Uint8Array,
  entries: readonly CalibrationEntry[],
  alpha: number = DEFAULT_RULES.alpha,
): CalibrationEntry | null {
  const same = equalBytes(executorClass, auditorClass);
  let best: { entry: CalibrationEntry; near: number } | null = null;
  for (const entry of entries) {
    const { calibration } = entry;
    const { executorClass: executor, auditorClass: auditor } = calibration;
    if (!equalBytes(calibration.profile, profile) || equalBytes(executor, auditor) !== same) {
      continue;
    }
    const near = Number(equalBytes(executor, executorClass)) +
      Number(equalBytes(auditor, auditorClass));
    // A class that deviates from itself is not exact, and says nothing of others.
    if (same && near === 0 && deviates(calibration)) continue;
    if (!isSufficient(calibration, alpha)) continue;
    if (best === null || before({ entry, near }, best)) best = { entry, near };
  }
  return best?.entry ?? null;
}

interface Ranked {
  entry: CalibrationEntry;
  /** Classes that are those of the answer. */
  near: number;
}

function before(a: Ranked, b: Ranked): boolean {
  const by = b.near - a.near || widthOf(b.entry.calibration) - widthOf(a.entry.calibration);
  return by === 0 ? toHex(a.entry.hash) < toHex(b.entry.hash) : by < 0;
}

/** True where some honest position deviated. */
export function deviates({ margins, b1 }: Calibration): boolean {
  return [margins, b1].some(({ strata }) =>
    strata.some(({ counts }) => counts.slice(1).some((count) => count > 0))
  );
}

/** How wide the null is: the wider, the less it accuses. */
export function widthOf({ margins, b1 }: Calibration): number {
  return [...margins.tails, ...b1.tails].reduce((sum, tail) => sum + tail, 0);
}
