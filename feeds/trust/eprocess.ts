import { LOG_UNIT, logSum } from './fixed.ts';
import { checkEvidence, type JobEvidence } from './evidence.ts';

/** One in so many jobs is cheated under the alternative for partial cheats. */
const JOBS_SHARE = 20;

/**
 * An executor's lifetime test: a test martingale over all of its audited jobs. Under honest work its
 * mean never exceeds 1, whenever one looks, so it ever reaches 1/alpha with probability at most
 * alpha (Ville's inequality; Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic statistics and safe
 * anytime-valid inference", Statistical Science, 2023).
 *
 * It is a mixture with fixed weights: of the alternatives, each once for cheating on every job and
 * once for one job in twenty, and of the epoch in which the cheating began, the n-th with weight
 * 1 / (n (n + 1)), so that a long honest past buys no cheating.
 */
export interface EProcess {
  /** Epochs in which jobs of this executor were audited. */
  epochs: number;
  jobs: number;
  /**
   * For each part of the mixture the log of what has begun, units of 1/65536 nat, rounded down;
   * null: nothing yet.
   */
  logs: (number | null)[];
}

/** @param alternatives number of alternatives of both statistics together */
export function startProcess(alternatives: number): EProcess {
  return { epochs: 0, jobs: 0, logs: new Array<null>(2 * alternatives).fill(null) };
}

/**
 * Takes in one epoch's jobs, one averaged evidence a job. Their order does not matter: within an
 * epoch it is nobody's to choose.
 * @throws {NexusError} `EVIDENCE_BAD`
 */
export function extendProcess(process: EProcess, jobs: readonly JobEvidence[]): EProcess {
  if (jobs.length === 0) return process;
  const alternatives = process.logs.length / 2;
  for (const logs of jobs) checkEvidence(logs, alternatives);
  const epochs = process.epochs + 1;
  const weight = logSum([{ log: 0, weight: 1 }], epochs * (epochs + 1));
  const logs = process.logs.map((log, part) => {
    const at = part % alternatives, rare = part >= alternatives;
    const gain = jobs.reduce((sum, job) => sum + (rare ? sometimes(job[at]!) : job[at]!), 0);
    const begun = log === null ? weight : logSum([one(log), one(weight)], 1);
    return begun + gain;
  });
  return { epochs, jobs: process.jobs + jobs.length, logs };
}

/** The log of the martingale, units of 1/65536 nat, rounded down; 0 at the start. */
export function processLog({ logs, epochs }: EProcess): number {
  const begun = logs.filter((log) => log !== null).map(one);
  // What has not begun yet, in each part: 1 / (epochs + 1).
  const rest = logSum([{ log: 0, weight: 1 }], epochs + 1);
  return logSum([...begun, { log: rest, weight: logs.length }], logs.length);
}

/** True where the executor is proven a cheat with a chance of error of at most `alpha`, for ever. */
export function accuses(process: EProcess, alpha: number): boolean {
  return crosses(processLog(process), alpha);
}

/** The same, told by the {@link processLog}. */
export function crosses(log: number, alpha: number): boolean {
  return log >= Math.ceil(Math.log(1 / alpha) * LOG_UNIT);
}

/** The e-value of a job that may be one of the twenty: mean of 19 ones and it. */
function sometimes(log: number): number {
  return logSum([{ log: 0, weight: JOBS_SHARE - 1 }, one(log)], JOBS_SHARE);
}

function one(log: number): { log: number; weight: number } {
  return { log, weight: 1 };
}
