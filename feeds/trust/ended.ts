import type { JobEvidence } from './evidence.ts';
import type { Hex, Subject } from './types.ts';
import type { SubjectOutcome } from './view_types.ts';

/** How an audit ended. */
export interface Ended {
  subject: Subject;
  outcome: SubjectOutcome;
  wasWithheld: boolean;
  evidence: ReadonlyMap<number, JobEvidence>;
}

/** The evidence of one beacon's audits waits here until all of them are over. */
export interface Group {
  beacon: number;
  open: number;
  /** Ended, and still to be counted as open: a plan may show until that cut that they were planted. */
  held: (Ended & { until: number })[];
  items: { subject: Hex; profile: Hex; evidence: ReadonlyMap<number, JobEvidence> }[];
}

/** What its requester settled, its requester must open. */
export function isWithheld({ subject, wasWithheld }: Ended): boolean {
  return wasWithheld && subject.kind !== 'settle';
}

/** True where it ends a row of clean audits. */
export function isBad(ended: Ended): boolean {
  return ended.outcome === 'suspect' || isWithheld(ended);
}
