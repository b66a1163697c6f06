/** What audits of honest and dishonest answers come to. */
import {
  type AuditRules,
  b1Cell,
  type Calibration,
  jobEvidence,
  judge,
  marginCell,
  type Observation,
  pushCell,
  startTest,
  type Verdict,
} from '../node/audit/mod.ts';
import { accuses, extendProcess, LOG_UNIT, processLog, startProcess } from '../feeds/trust/mod.ts';

/** Audited answers of one kind, each with its observations. */
export type Answers = readonly (readonly Observation[])[];

export function verdicts(
  calibration: Calibration,
  answers: Answers,
  exact: boolean,
  rules: AuditRules,
): Verdict[] {
  const rest = { contradictions: [], carried: null, process: null, exact, calibration, rules };
  return answers.map((observations) => judge({ ...rest, observations }));
}

/** Positions that the tests took to end so, over the answers one after the other. */
export function stops(
  { margins, b1 }: Calibration,
  answers: Answers,
  rules: AuditRules,
  outcome: 'honest' | 'cheat',
  which: 'A' | 'B1' | 'either' = 'either',
): number[] {
  let a = startTest(margins, null), b = startTest(b1, null), count = 0;
  const lengths: number[] = [];
  for (const { soft, b1: difference } of answers.flat()) {
    count++;
    a = pushCell(margins, a, marginCell(soft), rules);
    b = pushCell(b1, b, b1Cell(difference), rules);
    const over = outcome === 'honest'
      ? a.outcome === 'honest' && b.outcome === 'honest'
      : (which !== 'B1' && a.outcome === 'cheat') || (which !== 'A' && b.outcome === 'cheat');
    if (!over) continue;
    lengths.push(count);
    a = startTest(margins, null), b = startTest(b1, null), count = 0;
  }
  return lengths;
}

/** Mean positions to a trigger; infinite where there was none. */
export function meanTokens(
  calibration: Calibration,
  answers: Answers,
  rules: AuditRules,
  which: 'A' | 'B1' | 'either',
): number {
  const found = stops(calibration, answers, rules, 'cheat', which).length;
  return found === 0 ? Infinity : answers.flat().length / found;
}

/** Highest log of the lifetime test over all answers, one an epoch, in nats. */
export function highest(calibration: Calibration, answers: Answers): number {
  let process = startProcess(jobEvidence(calibration, []).length), most = -Infinity;
  for (const observations of answers) {
    process = extendProcess(process, [jobEvidence(calibration, observations)]);
    most = Math.max(most, processLog(process) / LOG_UNIT);
  }
  return most;
}

/** Audits until the lifetime test accuses, one an epoch; infinite where it does not. */
export function untilAccused(
  calibration: Calibration,
  next: () => readonly Observation[],
  alpha: number,
  most = 400,
): number {
  let process = startProcess(jobEvidence(calibration, []).length);
  for (let audits = 1; audits <= most; audits++) {
    process = extendProcess(process, [jobEvidence(calibration, next())]);
    if (accuses(process, alpha)) return audits;
  }
  return Infinity;
}
