import { type Calibration, isSufficient, type StatisticTable, TAIL_UNIT } from '../audit/mod.ts';

/** Head of {@link calibrationRows}. */
export const CALIBRATION_COLUMNS = [
  'EXECUTOR',
  'TEST',
  'PROMPTS',
  'ANSWERS',
  'TOKENS',
  'COUNT AS',
  'DEVIATE',
  'AT MOST',
];

/** One row a statistic and kind of prompts: the sample, what deviated in it, and the bound used. */
export function calibrationRows(executor: string, { margins, b1 }: Calibration): string[][] {
  const rows = (test: string, { strata, tails }: StatisticTable) =>
    strata.map(({ name, jobs, counts, effective }) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return [
        executor,
        test,
        name,
        String(jobs),
        String(total),
        String(effective),
        share((total - counts[0]!) / total),
        share(tails[1]! / TAIL_UNIT),
      ];
    });
  return [...rows('A', margins), ...rows('B1', b1)];
}

/**
 * Whether a sample is enough, and what would be.
 * @param alpha error rate of one job's tests
 * @param jobs that were measured
 */
export function sufficiency(calibration: Calibration, alpha: number, jobs: number): string {
  if (isSufficient(calibration, alpha)) return `sufficient for an alpha of ${alpha}`;
  const needed = 3 / alpha;
  const strata = [...calibration.margins.strata, ...calibration.b1.strata];
  const fewest = strata.reduce((a, b) => (b.effective < a.effective ? b : a));
  const more = Math.ceil(1.2 * jobs * needed / Math.max(1, fewest.effective) / 30) * 30;
  return `not sufficient for an alpha of ${alpha}: ${fewest.name} prompts count as ` +
    `${fewest.effective} tokens, ${needed} are needed; try --jobs ${Math.max(more, jobs + 30)}`;
}

function share(p: number): string {
  return p === 0 ? 'none' : `${(100 * p).toPrecision(p >= 0.1 ? 3 : 2)} %`;
}
