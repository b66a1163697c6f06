import { NexusError } from '../base/mod.ts';
import { logMean } from './fixed.ts';

/** Largest absolute log e-value of one job that is believed, units of 1/65536 nat. */
export const MAX_LOG = 2 ** 44;

/**
 * One auditor's log e-values of one job, units of 1/65536 nat, rounded down: the alternatives of the
 * margins, then those of B1, in the calibration's order.
 */
export type JobEvidence = readonly number[];

/**
 * What several auditors of one job found, as one e-value an alternative: the mean, never the
 * largest, since they read the same deviation and only a mean of e-values is one. The `liars`
 * largest are left out first: what then remains of them is below an honest one that was left out.
 * Null where nobody would remain.
 * @throws {NexusError} `EVIDENCE_BAD`
 */
export function averageEvidence(
  evidence: readonly JobEvidence[],
  liars = 0,
): JobEvidence | null {
  const first = evidence[0];
  if (first === undefined || evidence.length <= liars) return null;
  for (const logs of evidence) checkEvidence(logs, first.length);
  return first.map((_, i) => {
    const sorted = evidence.map((logs) => logs[i]!).sort((a, b) => a - b);
    return logMean(sorted.slice(0, sorted.length - liars));
  });
}

/** @throws {NexusError} `EVIDENCE_BAD` unless there are so many whole numbers within bounds */
export function checkEvidence(logs: JobEvidence, count: number): void {
  const whole = logs.every((log) => Number.isSafeInteger(log) && Math.abs(log) <= MAX_LOG);
  if (whole && logs.length === count) return;
  throw new NexusError('EVIDENCE_BAD', `a job's evidence is ${count} whole numbers`, {
    hint: 'leave this reveal out: its auditor does not follow the schema',
  });
}
