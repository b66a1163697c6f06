import type { StatisticTable } from './calibration.ts';
import { LOG_UNIT } from '../../feeds/trust/mod.ts';

/** Wald's two error rates: of a false trigger for both statistics together, of a missed cheat. */
export interface ErrorRates {
  alpha: number;
  beta: number;
}

/** Where one statistic's test stands. */
export interface TestState {
  /** Sums of the scores, one an alternative, units of 1/65536 nat. */
  sums: number[];
  /**
   * `cheat`: some alternative is accepted, for good; `honest`: all decisive ones were rejected, which
   * later positions of the same job may still overturn.
   */
  outcome: 'open' | 'honest' | 'cheat';
  /** Positions taken in, in this job and those whose sums were carried over. */
  positions: number;
}

/**
 * Wald's sequential probability ratio test of one statistic (1945), each alternative beside the
 * others. `alpha` is halved between the two statistics and divided among the alternatives. A sum
 * falls no lower than twice the lower bound, so that a good beginning does not hide what follows;
 * the chance that honest work of n positions ends in `cheat` is then at most alpha (1 + n beta^2) for
 * both statistics (Ville, once from the start and once from each visit to the floor). Over one job
 * the test may only trigger: the next auditor reads the same deviation again.
 */
export function startTest(table: StatisticTable, carried: TestState | null): TestState {
  if (carried === null || carried.outcome !== 'open') {
    return { sums: table.alternatives.map(() => 0), outcome: 'open', positions: 0 };
  }
  return { ...carried, sums: [...carried.sums] };
}

/** Takes in the next position; a test that has found a cheat stays as it is. */
export function pushCell(
  table: StatisticTable,
  state: TestState,
  cell: number,
  rates: ErrorRates,
): TestState {
  if (state.outcome === 'cheat') return state;
  const { alternatives } = table;
  const { upper, lower } = thresholds(rates, alternatives.length);
  const sums = state.sums.map((sum, i) =>
    Math.max(2 * lower, sum + alternatives[i]!.scores[cell]!)
  );
  const cheat = sums.some((sum) => sum >= upper);
  const honest = state.outcome === 'honest' ||
    sums.every((sum, i) => sum <= lower || !alternatives[i]!.decisive);
  return {
    sums,
    outcome: cheat ? 'cheat' : honest ? 'honest' : 'open',
    positions: state.positions + 1,
  };
}

/** Bounds of the sums, rounded away from a decision. */
function thresholds(
  { alpha, beta }: ErrorRates,
  alternatives: number,
): { upper: number; lower: number } {
  return {
    upper: Math.ceil(Math.log(2 * alternatives / alpha) * LOG_UNIT),
    lower: Math.floor(Math.log(beta / (1 - alpha)) * LOG_UNIT),
  };
}
