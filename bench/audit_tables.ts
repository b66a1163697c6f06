/** The audit's tables. */
import {
  type AuditRules,
  type Calibration,
  DEFAULT_RULES,
  isSufficient,
  TAIL_UNIT,
} from '../node/audit/mod.ts';
import {
  type Answer,
  type Answers,
  lifetimes,
  type Mean,
  meanTokens,
  share,
  type Statistic,
  tokensOf,
  triggers,
  untilAccused,
} from './audit_figures.ts';
import type { HonestAnswer } from './audit_honest.ts';
import type { Lie } from './audit_world.ts';

/** A lie's audited answers in one class. */
export interface Result {
  lie: Lie;
  exact: boolean;
  answers: Answers;
  calibration: Calibration;
  /** What the table calls it where that is neither `exact` nor `two`. */
  where?: string;
}

/** Audits of one executor in the honest table's lifetimes. */
const CAREER = 400;
/** Simulated executors a line of the lifetime table. */
const RUNS = 40;

export function calibrationLines(calibration: Calibration, alpha: number): string[] {
  const { margins, b1 } = calibration;
  const lines = [`Sufficient for alpha ${alpha}: ${isSufficient(calibration, alpha)}.`, ''];
  for (const [name, { strata, tails }] of [['A', margins], ['B1', b1]] as const) {
    for (const { name: stratum, jobs, counts, effective } of strata) {
      const seen = counts.join(' ').replace(/( 0)+$/, '');
      lines.push(`- ${name}, ${stratum}: ${jobs} jobs, counts ${seen}; effective ${effective}`);
    }
    const bounds = tails.slice(1).map((tail) => (tail / TAIL_UNIT).toPrecision(2)).join(' ');
    lines.push(`- ${name}, bounds: ${bounds}`);
  }
  return lines;
}

/** Rows by kind of prompt, and of all. */
export function honestLines(
  calibration: Calibration,
  honest: readonly (Answer & Partial<HonestAnswer>)[],
  exact: boolean,
  rules: AuditRules,
): { rows: string[]; triggered: number; accused: number } {
  const kinds = [...new Set(honest.map(({ kind }) => kind ?? 'all'))];
  const row = (name: string, answers: Answers) => {
    const found = answers.filter((answer) => triggers(calibration, answer, exact, rules)).length;
    const { executors, accused, highest } = lifetimes(
      calibration,
      answers,
      CAREER,
      rules.lifetimeAlpha,
    );
    const text = `| ${name} | ${answers.length} | ${tokensOf(answers)} | ` +
      `${share(found, answers.length)} | ${accused} of ${executors} accused, highest ` +
      `${highest.toFixed(2)} nats of ${-Math.log(rules.lifetimeAlpha).toFixed(2)} |`;
    return { text, found, accused };
  };
  const rows = kinds.length < 2
    ? []
    : kinds.map((kind) => row(String(kind), honest.filter((answer) => answer.kind === kind)).text);
  const all = row('all', honest);
  return { rows: [...rows, all.text], triggered: all.found, accused: all.accused };
}

/** The lifetime test where only some jobs, or some tokens of all jobs, are cheated. */
export function lifetimeLines(
  calibration: Calibration,
  { name }: Lie,
  cheated: Answers,
  honest: Answers,
  which: string,
  random: () => number,
): string[] {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const mixed = (share: number): Answer => {
    const truth = pick(honest), lie = pick(cheated);
    const cells = (of: 'margins' | 'b1') =>
      truth[of].map((cell, i) => marks[i] ? lie[of][i % lie[of].length]! : cell);
    const marks = truth.margins.map(() => random() < share);
    return { margins: cells('margins'), b1: cells('b1'), differs: [], far: 0 };
  };
  const line = (what: string, next: () => Answer) => {
    const audits = Array.from(
      { length: RUNS },
      () => untilAccused(calibration, next, DEFAULT_RULES.lifetimeAlpha),
    ).sort((a, b) => a - b);
    const within = audits.filter((count) => count <= 100).length;
    const middle = audits[RUNS >> 1]!;
    return `| ${which} | ${name} | ${what} | ${middle === Infinity ? '> 400' : middle} | ` +
      `${share(within, RUNS)} |`;
  };
  return [
    line('every job', () => pick(cheated)),
    line('5 % of the jobs', () => pick(random() < 0.05 ? cheated : honest)),
    ...[0.1, 0.05, 0.02, 0.01].map((share) =>
      line(`${100 * share} % of the tokens`, () => mixed(share))
    ),
    line('nothing', () => pick(honest)),
  ];
}

/** Bytes of the artifact that a statistic needs for each token. */
const BYTES: Readonly<Record<Statistic, number>> = {
  'A': 0,
  'B1': 1,
  'A or B1': 1,
  'any difference': 1,
};

/** Attack, statistic, tokens, bytes, error. */
export const scoreboard = {
  columns: [
    'attack',
    'class',
    'statistic that sees it first',
    'tokens to trigger, mean (95 %)',
    'A',
    'B1',
    'bytes a token',
    'jobs missed (95 %)',
  ],
  rows: (results: readonly Result[], rules: AuditRules) =>
    results.map(({ lie, exact, answers, calibration, where }) => {
      const mean = (which: Statistic) => meanTokens(calibration, answers, rules, which);
      const of: Statistic[] = exact ? ['any difference', 'A', 'B1'] : ['A', 'B1'];
      const first = of.reduce((a, b) => (mean(b).mean < mean(a).mean ? b : a));
      const missed = answers.filter((answer) =>
        !triggers(calibration, answer, exact, rules)
      ).length;
      return `| ${lie.name} | ${where ?? (exact ? 'exact' : 'two')} | ` +
        `${mean(first).mean === Infinity ? 'none' : first} | ${bounded(mean(first))} | ` +
        `${short(mean('A').mean)} | ${short(mean('B1').mean)} | ${BYTES[first]} | ` +
        `${share(missed, answers.length)} |`;
    }),
};

function bounded({ mean, low, high }: Mean): string {
  if (mean === Infinity) return `never (>= ${short(low)})`;
  return `${short(mean)} (${short(low)} .. ${short(high)})`;
}

function short(value: number): string {
  return value === Infinity ? 'never' : value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly string[],
): void {
  console.log(`\n## ${title}\n\n| ${columns.join(' | ')} |`);
  console.log(`|${columns.map(() => '---|').join('')}\n${rows.join('\n')}`);
}
