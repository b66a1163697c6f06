import { NexusError } from '../../feeds/base/mod.ts';
import { upperBound } from './binomial.ts';

/** Probabilities are whole numbers of this many parts, rounded up. */
export const TAIL_UNIT = 2 ** 32;

/** Honest work under one kind of conditions: how often its positions fell into each cell. */
export interface Stratum {
  /** e.g. `ordinary`, `long`, `noisy`. */
  name: string;
  jobs: number;
  /** Positions by cell. */
  counts: number[];
  /**
   * As how many independent positions these count, at most their number: those of one job resemble
   * each other (the design effect, Kish 1965).
   */
  effective: number;
}

/** Fewest positions beyond a cell's edge from which their clustering can be estimated. */
const FEWEST = 10;

/**
 * Pools jobs of one stratum.
 * @param jobs counts by cell, one list a job
 */
export function poolJobs(name: string, jobs: readonly (readonly number[])[]): Stratum {
  const cells = jobs[0]?.length ?? 0;
  const counts = Array.from({ length: cells }, (_, c) => sum(jobs.map((job) => job[c]!)));
  const total = sum(counts);
  let effect = 1;
  for (let edge = 1; edge < cells; edge++) {
    const hits = jobs.map((job) => sum(job.slice(edge)));
    const all = sum(hits), p = all / total;
    if (all < FEWEST || total - all < FEWEST || jobs.length < 2) continue;
    // Variance of a ratio of job totals, against that of as many independent positions.
    const spread = sum(jobs.map((job, i) => (hits[i]! - p * sum(job)) ** 2));
    const variance = spread * jobs.length / (jobs.length - 1) / total ** 2;
    effect = Math.max(effect, variance * total / (p * (1 - p)));
  }
  return { name, jobs: jobs.length, counts, effective: Math.floor(total / effect) };
}

/**
 * The bounded worst null: for every cell the largest probability, over all strata and within their
 * confidence bounds, of falling into that cell or a higher one. An e-value that never falls from
 * one cell to the next has its largest mean, among all distributions under these bounds, at the
 * bounds themselves; so one table bounds ordinary, long and noisy prompts at once.
 * @param delta chance that any of the bounds is wrong
 * @param slack per cent, at least 100: by how much a single job, or a requester who looks for noise,
 * may exceed a whole stratum
 * @returns units of 2^-32, the first one {@link TAIL_UNIT}, never rising
 * @throws {NexusError} `CALIBRATION_EMPTY`
 */
export function worstTails(strata: readonly Stratum[], delta: number, slack = 100): number[] {
  const cells = strata[0]?.counts.length ?? 0;
  if (cells === 0) throw empty();
  const each = delta / (strata.length * Math.max(1, cells - 1));
  const tails = new Array<number>(cells).fill(0);
  tails[0] = TAIL_UNIT;
  for (const { counts, effective } of strata) {
    const total = sum(counts);
    if (total === 0 || effective < 1) throw empty();
    for (let edge = 1; edge < cells; edge++) {
      const hits = sum(counts.slice(edge)) * effective / total;
      const bound = Math.ceil(upperBound(hits, effective, each) * TAIL_UNIT * slack / 100);
      tails[edge] = Math.max(tails[edge]!, Math.min(TAIL_UNIT, bound));
    }
  }
  for (let edge = 1; edge < cells; edge++) tails[edge] = Math.min(tails[edge]!, tails[edge - 1]!);
  return tails;
}

/** Probabilities of the cells where every tail is at its bound. */
export function worstCells(tails: readonly number[]): number[] {
  return tails.map((tail, cell) => (tail - (tails[cell + 1] ?? 0)) / TAIL_UNIT);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function empty(): NexusError {
  return new NexusError('CALIBRATION_EMPTY', 'there is no honest position to calibrate with', {
    hint: 'measure more honest answers of this model and backend',
  });
}
