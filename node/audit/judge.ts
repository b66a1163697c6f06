import { accuses, type EProcess, type JobEvidence, processLog } from '../../feeds/trust/mod.ts';
import { type Calibration, isSufficient } from './calibration.ts';
import { b1Cell, marginCell } from './cells.ts';
import type { Contradiction } from './contradiction.ts';
import { jobEvidence } from './evidence.ts';
import { LOGIT_SCORE_UNIT } from './margins.ts';
import type { Observation } from './observe.ts';
import { type ErrorRates, pushCell, startTest, type TestState } from './sprt.ts';

/** Policy of a network; stands in its file. */
export interface AuditRules extends ErrorRates {
  /** A single soft margin above it draws a panel, nats. */
  hardMargin: number;
  /** Chance of ever accusing an honest executor. */
  lifetimeAlpha: number;
}

export const DEFAULT_RULES: AuditRules = {
  alpha: 1e-3,
  beta: 1e-2,
  hardMargin: 1.5,
  // With a calibration whose bounds fail with a chance of 1e-4: 1e-3 together.
  lifetimeAlpha: 9e-4,
};

/** Sums that wait for the executor's next audited job. */
export interface Carry {
  margins: TestState;
  b1: TestState;
}

/** What a verdict rests on. */
export interface Evidence {
  /** Positions looked at. */
  positions: number;
  /** Positions where the auditor's own draw is another token. */
  mismatches: number;
  /** Log e-values for the lifetime test; null without a calibration. */
  job: JobEvidence | null;
  /** Where the sequential tests ended; null without a calibration. */
  tests: Carry | null;
}

export type Cause =
  | { kind: 'contradictions'; contradictions: Contradiction[] }
  /** `log` in units of 1/65536 nat. */
  | { kind: 'lifetime'; log: number; jobs: number };

export type Reason =
  /** In the exact class the auditor's token or byte is another one, at these positions. */
  | { kind: 'exact'; positions: number[] }
  | { kind: 'margin'; positions: number[] }
  | { kind: 'margins' }
  | { kind: 'b1' };

/**
 * `fraud` is proven: by the executor's own signatures, or by its whole history. `trigger` draws a
 * panel and accuses nobody. `inconclusive` carries its sums to the executor's next audited job.
 */
export type Verdict =
  | { verdict: 'ok'; evidence: Evidence }
  | { verdict: 'fraud'; cause: Cause; evidence: Evidence }
  | { verdict: 'trigger'; reasons: Reason[]; evidence: Evidence }
  | {
    verdict: 'inconclusive';
    why: 'no-calibration' | 'small-sample' | 'open';
    carry: Carry | null;
    evidence: Evidence;
  };

export interface JudgeInput {
  contradictions: readonly Contradiction[];
  /** All positions of the attempt, in the order drawn for the audit. */
  observations: readonly Observation[];
  /** True where both sides proved the same determinism class. */
  exact: boolean;
  /** For this model and both classes; null where there is none. */
  calibration: Calibration | null;
  /** Sums of the executor's last inconclusive job under the same calibration. */
  carried: Carry | null;
  /** The executor's lifetime test up to the last epoch; null where it is not known. */
  process: EProcess | null;
  rules: AuditRules;
}

/** Judges one attempt, as a function of nothing but what is passed in. */
export function judge(input: JudgeInput): Verdict {
  const { contradictions, observations, exact, process, rules } = input;
  const calibration = input.calibration;
  const usable = calibration !== null && isSufficient(calibration, rules.alpha);
  const tests = usable ? runTests(calibration, observations, input.carried, rules) : null;
  const evidence: Evidence = {
    positions: observations.length,
    mismatches: observations.filter(({ mismatch }) => mismatch === true).length,
    job: usable ? jobEvidence(calibration, observations) : null,
    tests,
  };
  if (contradictions.length > 0) {
    const cause: Cause = { kind: 'contradictions', contradictions: [...contradictions] };
    return { verdict: 'fraud', cause, evidence };
  }
  if (process !== null && accuses(process, rules.lifetimeAlpha)) {
    const cause: Cause = { kind: 'lifetime', log: processLog(process), jobs: process.jobs };
    return { verdict: 'fraud', cause, evidence };
  }
  const reasons = reasonsOf(observations, exact, tests, rules);
  if (reasons.length > 0) return { verdict: 'trigger', reasons, evidence };
  if (tests === null) {
    const why = calibration === null ? 'no-calibration' : 'small-sample';
    return { verdict: 'inconclusive', why, carry: null, evidence };
  }
  const { margins, b1 } = tests;
  return margins.outcome === 'honest' && b1.outcome === 'honest'
    ? { verdict: 'ok', evidence }
    : { verdict: 'inconclusive', why: 'open', carry: tests, evidence };
}

function runTests(
  { margins, b1 }: Calibration,
  observations: readonly Observation[],
  carried: Carry | null,
  rates: ErrorRates,
): Carry {
  let a = startTest(margins, carried?.margins ?? null), b = startTest(b1, carried?.b1 ?? null);
  for (const { soft, b1: difference } of observations) {
    a = pushCell(margins, a, marginCell(soft), rates);
    b = pushCell(b1, b, b1Cell(difference), rates);
  }
  return { margins: a, b1: b };
}

function reasonsOf(
  observations: readonly Observation[],
  exact: boolean,
  tests: Carry | null,
  { hardMargin }: AuditRules,
): Reason[] {
  const where = (holds: (observation: Observation) => boolean) =>
    observations.filter(holds).map(({ position }) => position).sort((a, b) => a - b);
  const reasons: Reason[] = [];
  const differing = exact ? where(({ mismatch, b1 }) => mismatch === true || b1 !== 0) : [];
  if (differing.length > 0) reasons.push({ kind: 'exact', positions: differing });
  if (tests === null) return reasons;
  const far = where(({ soft }) => soft > hardMargin * LOGIT_SCORE_UNIT);
  if (far.length > 0) reasons.push({ kind: 'margin', positions: far });
  if (tests.margins.outcome === 'cheat') reasons.push({ kind: 'margins' });
  if (tests.b1.outcome === 'cheat') reasons.push({ kind: 'b1' });
  return reasons;
}
