import { averageEvidence, type JobEvidence, MAX_LOG } from './evidence.ts';
import { logSum } from './fixed.ts';
import type { Duty } from './types.ts';

/** The panel's evidence is one part in so many of a subject's. */
const PANEL_SHARE = 64;

/**
 * One subject's evidence, by the number of alternatives of the calibrations behind it. Each is an
 * e-value whatever single auditors do: see the page on audits.
 * @param panel null where none was drawn
 */
export function combine(
  first: readonly Duty[],
  panel: readonly Duty[] | null,
): Map<number, JobEvidence> {
  const sizes = new Set(
    [...first, ...panel ?? []].flatMap(({ calibration }) =>
      calibration === null ? [] : [calibration.alternatives]
    ),
  );
  const combined = new Map<number, JobEvidence>();
  for (const size of [...sizes].sort((a, b) => a - b)) {
    const of = (duties: readonly Duty[]) =>
      duties.filter(({ calibration }) => calibration?.alternatives === size);
    if (evidenceOf(of([...first, ...panel ?? []])).length === 0) continue;
    const own = ofRound(of(first), size), others = panel === null ? null : ofRound(of(panel), size);
    // A panel comes where the first auditors found much. Its share is fixed beforehand, and nothing
    // where there is none: to take the better of two e-values would not be one.
    const logs = own.map((log, i) => {
      const terms = [{ log, weight: PANEL_SHARE - 1 }];
      if (others !== null) terms.push({ log: others[i]!, weight: 1 });
      return Math.max(-MAX_LOG, logSum(terms, PANEL_SHARE));
    });
    combined.set(size, logs);
  }
  return combined;
}

function ofRound(duties: readonly Duty[], size: number): JobEvidence {
  const given = evidenceOf(duties);
  if (given.length === 0) return new Array<number>(size).fill(0);
  const liars = Math.max(1, Math.floor((duties.length - 1) / 2));
  const isWhole = given.length === duties.length && given.length > liars;
  const mean = averageEvidence(given, Math.min(liars, given.length - 1))!;
  // Who sees that the evidence clears somebody, and keeps silent, must gain nothing by it.
  return isWhole ? mean : mean.map((log) => Math.min(0, log));
}

function evidenceOf(duties: readonly Duty[]): JobEvidence[] {
  return duties.flatMap(({ revealed }) => {
    const evidence = revealed?.evidence ?? null;
    return evidence === null ? [] : [evidence];
  });
}
