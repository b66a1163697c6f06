/** What audits of honest and dishonest answers come to. */
import {
  type AuditRules,
  b1Cell,
  type Calibration,
  LOGIT_SCORE_UNIT,
  lowerBound,
  marginCell,
  type Observation,
  pushCell,
  startTest,
  upperBound,
} from '../node/audit/mod.ts';
import { accuses, extendProcess, LOG_UNIT, processLog, startProcess } from '../feeds/trust/mod.ts';

/** An audited answer, by position: cells of both statistics, and whether anything differed. */
export interface Answer {
  margins: readonly number[];
  b1: readonly number[];
  differs: readonly boolean[];
  /** Soft margins above the one that draws a panel. */
  far: number;
}

export type Answers = readonly Answer[];

/** What sees a lie: statistic A, B1, either, or, in the exact class, any difference. */
export type Statistic = 'A' | 'B1' | 'A or B1' | 'any difference';

export function answerOf(seen: readonly Observation[], { hardMargin }: AuditRules): Answer {
  return {
    margins: seen.map(({ soft }) => marginCell(soft)),
    b1: seen.map(({ b1 }) => b1Cell(b1)),
    differs: seen.map(({ mismatch, b1 }) => mismatch === true || b1 !== 0),
    far: seen.filter(({ soft }) => soft > hardMargin * LOGIT_SCORE_UNIT).length,
  };
}

/** True where one auditor would draw a panel, by any rule of `judge`. */
export function triggers(
  calibration: Calibration,
  answer: Answer,
  exact: boolean,
  rules: AuditRules,
): boolean {
  return answer.far > 0 || (exact && answer.differs.some((differs) => differs)) ||
    stops(calibration, [answer], rules, 'cheat').length > 0;
}

/** Positions that a statistic took to end so, over the answers one after the other. */
export function stops(
  { margins, b1 }: Calibration,
  answers: Answers,
  rules: AuditRules,
  outcome: 'honest' | 'cheat',
  which: Statistic = 'A or B1',
): number[] {
  let a = startTest(margins, null), b = startTest(b1, null), count = 0;
  const lengths: number[] = [];
  for (const answer of answers) {
    for (let i = 0; i < answer.margins.length; i++) {
      count++;
      a = pushCell(margins, a, answer.margins[i]!, rules);
      b = pushCell(b1, b, answer.b1[i]!, rules);
      const over = which === 'any difference'
        ? answer.differs[i]!
        : outcome === 'honest'
        ? a.outcome === 'honest' && b.outcome === 'honest'
        : (which !== 'B1' && a.outcome === 'cheat') || (which !== 'A' && b.outcome === 'cheat');
      if (!over) continue;
      lengths.push(count);
      a = startTest(margins, null), b = startTest(b1, null), count = 0;
    }
  }
  return lengths;
}

/** Mean positions to a trigger with its 95 % bounds; infinite where there was none. */
export interface Mean {
  mean: number;
  low: number;
  high: number;
}

/** Triggers are counted as if each token were a trial: the mean is tokens by triggers. */
export function meanTokens(
  calibration: Calibration,
  answers: Answers,
  rules: AuditRules,
  which: Statistic,
): Mean {
  const found = stops(calibration, answers, rules, 'cheat', which).length;
  const tokens = tokensOf(answers);
  return {
    mean: found === 0 ? Infinity : tokens / found,
    low: 1 / upperBound(found, tokens, 0.025),
    high: found === 0 ? Infinity : 1 / lowerBound(found, tokens, 0.025),
  };
}

export function tokensOf(answers: Answers): number {
  return answers.reduce((sum, { margins }) => sum + margins.length, 0);
}

/** One auditor's log e-values of an answer, as `jobEvidence` makes them. */
export function evidenceOf({ margins, b1 }: Calibration, answer: Answer): number[] {
  const sums = (alternatives: Calibration['b1']['alternatives'], cells: readonly number[]) =>
    alternatives.map(({ scores }) => cells.reduce((sum, cell) => sum + scores[cell]!, 0));
  return [...sums(margins.alternatives, answer.margins), ...sums(b1.alternatives, answer.b1)];
}

function begun({ margins, b1 }: Calibration) {
  return startProcess(margins.alternatives.length + b1.alternatives.length);
}

/**
 * The lifetime test of executors with so many honest answers each, one an epoch: the highest log
 * ever, in nats, and how many were accused.
 */
export function lifetimes(
  calibration: Calibration,
  answers: Answers,
  each: number,
  alpha: number,
): { executors: number; accused: number; highest: number } {
  let executors = 0, accused = 0, highest = -Infinity;
  for (let from = 0; from < answers.length; from += each) {
    let process = begun(calibration), hit = false;
    for (const answer of answers.slice(from, from + each)) {
      process = extendProcess(process, [evidenceOf(calibration, answer)]);
      highest = Math.max(highest, processLog(process) / LOG_UNIT);
      hit ||= accuses(process, alpha);
    }
    executors++;
    if (hit) accused++;
  }
  return { executors, accused, highest };
}

/** Audits until the lifetime test accuses, one an epoch; infinite where it does not. */
export function untilAccused(
  calibration: Calibration,
  next: () => Answer,
  alpha: number,
  most = 400,
): number {
  let process = begun(calibration);
  for (let audits = 1; audits <= most; audits++) {
    process = extendProcess(process, [evidenceOf(calibration, next())]);
    if (accuses(process, alpha)) return audits;
  }
  return Infinity;
}

/** Clopper-Pearson, 95 %: `0 of 40 (<= 8.8 %)`, `3 of 40 (1.6 .. 20 %)`. */
export function share(hits: number, of: number): string {
  const percent = (p: number) => `${(100 * p).toPrecision(p >= 0.1 ? 3 : 2)} %`;
  const bounds = hits === 0
    ? `<= ${percent(upperBound(0, of, 0.05))}`
    : hits === of
    ? `>= ${percent(lowerBound(of, of, 0.05))}`
    : `${percent(lowerBound(hits, of, 0.025))} .. ${percent(upperBound(hits, of, 0.025))}`;
  return `${hits} of ${of} (${bounds})`;
}
