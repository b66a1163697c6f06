import { NexusError } from '../../feeds/base/mod.ts';
import { B1_CELLS, b1CellSizes, MARGIN_CELLS, meanSteps } from './cells.ts';
import { poolJobs, type Stratum, sum, worstTails } from './null.ts';
import { cellScores, partly, smoothed, worstMean } from './scores.ts';

/** One way to cheat, as scores of the cells; see {@link cellScores}. */
export interface Alternative {
  name: string;
  /** Must be excluded before a job is ok. */
  decisive: boolean;
  /** Log e-values by cell, units of 1/65536 nat. */
  scores: number[];
}

/** The null and the alternatives of one statistic. */
export interface StatisticTable {
  strata: Stratum[];
  /** The bounded worst null, see {@link worstTails}: units of 2^-32. */
  tails: number[];
  alternatives: Alternative[];
}

/** What honest work looks like for one model between two determinism classes. */
export interface Calibration {
  version: 1;
  profile: Uint8Array;
  executorClass: Uint8Array;
  auditorClass: Uint8Array;
  /** Chance that some bound on the null is wrong, in millionths. */
  deltaPpm: number;
  /** Room above the bounds for single jobs, per cent, see {@link worstTails}. */
  slack: number;
  margins: StatisticTable;
  b1: StatisticTable;
}

/** Cells of one audited job, counts by cell. */
export interface JobCounts {
  stratum: string;
  margins: number[];
  b1: number[];
}

/** Measured cheating, as margins: what a node can produce with the weights that it has. */
export interface MarginAlternative {
  name: string;
  decisive: boolean;
  counts: number[];
}

/** A single honest job may be twice as noisy as its kind, unless the caller decides; per cent. */
export const SLACK = 200;

/** Share of cheated positions in the alternative for partial cheats. */
const TOKEN_SHARE = 0.05;

/**
 * Makes a calibration from honest jobs and measured alternatives.
 * @throws {NexusError} `CALIBRATION_EMPTY`, `CALIBRATION_BAD`
 */
export function buildCalibration(input: {
  profile: Uint8Array;
  executorClass: Uint8Array;
  auditorClass: Uint8Array;
  deltaPpm: number;
  slack: number;
  honest: readonly JobCounts[];
  cheats: readonly MarginAlternative[];
}): Calibration {
  const { profile, executorClass, auditorClass, deltaPpm, slack, honest, cheats } = input;
  const names = [...new Set(honest.map(({ stratum }) => stratum))];
  // Each statistic gets half of what may go wrong.
  const delta = deltaPpm / 1e6 / 2;
  const tableOf = (
    counts: (job: JobCounts) => number[],
    alternatives: readonly { name: string; decisive: boolean; weights: number[] }[],
  ): StatisticTable => {
    const strata = names.map((name) =>
      poolJobs(name, honest.filter(({ stratum }) => stratum === name).map(counts))
    );
    const tails = worstTails(strata, delta, slack);
    const first = alternatives[0]!;
    const tokens = partly(tails, first.weights, TOKEN_SHARE);
    return {
      strata,
      tails,
      alternatives: [...alternatives, { name: 'tokens', decisive: false, weights: tokens }].map(
        ({ name, decisive, weights }) => ({ name, decisive, scores: cellScores(tails, weights) }),
      ),
    };
  };
  if (cheats.length === 0) throw bad('there is no alternative for the margins');
  const noise = Math.max(
    0,
    ...names.map((name) => {
      const jobs = honest.filter(({ stratum }) => stratum === name);
      return meanSteps(jobs[0]!.b1.map((_, cell) => sum(jobs.map(({ b1 }) => b1[cell]!))));
    }),
  );
  return checkCalibration({
    version: 1,
    profile,
    executorClass,
    auditorClass,
    deltaPpm,
    slack,
    margins: tableOf(
      ({ margins }) => margins,
      cheats.map(({ counts, ...rest }) => ({ ...rest, weights: smoothed(counts) })),
    ),
    b1: tableOf(({ b1 }) => b1, [
      // Other weights differ by a quarter of a nat and more, and by more than honest noise.
      { name: 'far', decisive: false, weights: spread(Math.max(16, 8 * noise), 0.5) },
      { name: 'near', decisive: true, weights: spread(Math.max(4, 3 * noise), 0.02) },
    ]),
  });
}

/**
 * Differences of another model's logits, by cell: two-sided exponential with a mean of `steps`
 * sixteenths of a nat, and with probability `anywhere` any of the 256.
 */
export function spread(steps: number, anywhere: number): number[] {
  const sizes = b1CellSizes();
  const weights: number[] = [];
  let from = 0;
  for (const size of sizes) {
    let weight = 0;
    // Every cell but the first holds both signs.
    for (let i = 0; i < (from === 0 ? 1 : size / 2); i++) {
      weight += (from === 0 ? 1 : 2) * Math.exp(-(from + i) / steps);
    }
    weights.push(weight);
    from += from === 0 ? 1 : size / 2;
  }
  const total = sum(weights);
  return weights.map((weight, cell) =>
    (1 - anywhere) * weight / total + anywhere * sizes[cell]! / 256
  );
}

/**
 * Checks what makes a calibration valid, whoever wrote it.
 * @throws {NexusError} `CALIBRATION_BAD`
 */
export function checkCalibration(calibration: Calibration): Calibration {
  const { margins, b1, deltaPpm, slack } = calibration;
  if (!(slack >= 100)) throw bad('the slack is below 100 %');
  for (
    const [name, table, cells] of [['A', margins, MARGIN_CELLS], ['B1', b1, B1_CELLS]] as const
  ) {
    const { strata, tails, alternatives } = table;
    const lists = [tails, ...strata.map((s) => s.counts), ...alternatives.map((a) => a.scores)];
    if (lists.some(({ length }) => length !== cells)) throw bad(`${name} has ${cells} cells`);
    if (strata.length === 0 || alternatives.length === 0) throw bad(`${name} has an empty table`);
    for (const { counts, effective, name: stratum } of strata) {
      if (effective > sum(counts)) throw bad(`stratum ${stratum} counts more than it has`);
    }
    const bounds = worstTails(strata, deltaPpm / 1e6 / 2, slack);
    // One unit for the last bit of another machine's logarithm.
    if (tails.some((tail, i) => tail < bounds[i]! - 1 || (i > 0 && tail > tails[i - 1]!))) {
      throw bad(`${name}: a bound is below what its sample supports`);
    }
    for (const { name: alternative, scores } of alternatives) {
      if (scores.some((score, i) => i > 0 && score < scores[i - 1]!)) {
        throw bad(`${name}, ${alternative}: scores fall from one cell to the next`);
      }
      if (worstMean(tails, scores) > 1) throw bad(`${name}, ${alternative}: null mean above 1`);
    }
  }
  return calibration;
}

/**
 * True where the sample can support verdicts at that false-alarm rate: in every stratum a deviation
 * that was never seen is rarer than it with 95 % confidence (the rule of three). With less,
 * everything is inconclusive. The tables' own bounds hold for samples of any size.
 */
export function isSufficient({ margins, b1 }: Calibration, alpha: number): boolean {
  return [margins, b1].every(({ strata }) =>
    strata.every(({ effective, jobs }) => jobs >= FEWEST_JOBS && effective >= 3 / alpha)
  );
}

/** From fewer jobs nobody can tell how far one differs from the next. */
const FEWEST_JOBS = 30;

function bad(what: string): NexusError {
  return new NexusError('CALIBRATION_BAD', `not a calibration: ${what}`, {
    hint: 'measure it again with `nexus calibrate`',
  });
}
