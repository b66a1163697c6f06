import { NexusError } from '../../feeds/base/mod.ts';
import { sleep } from '../../feeds/base/mod.ts';
import type { JobTiming, StepTiming, WorkPlan } from '../../fingerprint/work/mod.ts';
import { type ProbeAnswer, probeJob, type ProbeJobOptions } from './job.ts';

/** How often a step waits for an executor that has somebody else's job. */
const MOST_TRIES = 4;
/**
 * Steps that are paid for once more because others' jobs ran beside them, in a whole plan: that they did is
 * what the executor says.
 */
const MOST_REPEATS = 2;

/** What an audit's checks made of one answer. */
export type Looked = 'verified' | 'unverified' | 'wrong';

export interface WorkOptions extends ProbeJobOptions {
  /** Jobs of others at the executor, as it announces them; a step beside them does not count. */
  others: (own: number) => number;
  /** Reads an answer once more, by the audit's checks. */
  check: (answer: ProbeAnswer, signal: AbortSignal) => Promise<Looked>;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Between two steps, at most, milliseconds; and the pause where the executor is busy. */
  gapMs: number;
  againMs: number;
  onStep: (done: number, of: number) => void;
}

/** What was done of a plan. */
export interface Worked {
  timings: StepTiming[];
  answers: ProbeAnswer[];
  /** Answers that another node's reading contradicts. */
  wrong: number;
  /** The last reason why a job came to nothing. */
  failure: NexusError | null;
}

/**
 * Does a plan's steps one after the other, each job as an ordinary one, and has all answers checked when
 * the last of them is there: checking shall not disturb what is measured.
 * @throws the reason of `signal`
 */
export async function doWork(
  plan: WorkPlan,
  options: WorkOptions,
  signal: AbortSignal,
): Promise<Worked> {
  const steps: (readonly (ProbeAnswer | JobTiming | null)[])[] = [];
  const repeats = { left: MOST_REPEATS };
  let failure: NexusError | null = null;
  for (const step of plan.steps) {
    const jobs = await stepOf(step.jobs, options, repeats, signal, (error) => failure = error);
    steps.push(jobs);
    options.onStep(steps.length, plan.steps.length);
    // An executor that takes nothing at all is not asked thirty times.
    if (steps.length >= 3 && steps.every((one) => one.every((job) => job === null))) break;
    await sleep(options.gapMs * options.random(), signal);
    signal.throwIfAborted();
  }
  const worked: Worked = { timings: [], answers: [], wrong: 0, failure };
  for (const jobs of steps) {
    const timings: (JobTiming | null)[] = [];
    for (const job of jobs) {
      if (job === null || !('timing' in job)) {
        timings.push(job);
        continue;
      }
      const found = await options.check(job, signal);
      signal.throwIfAborted();
      if (found === 'wrong') worked.wrong++;
      job.timing = { ...job.timing, verified: found === 'verified' };
      worked.answers.push(job);
      timings.push(job.timing);
    }
    worked.timings.push(timings);
  }
  while (worked.timings.length < plan.steps.length) {
    worked.timings.push(plan.steps[worked.timings.length]!.jobs.map(() => null));
  }
  return worked;
}

async function stepOf(
  jobs: WorkPlan['steps'][number]['jobs'],
  options: WorkOptions,
  repeats: { left: number },
  signal: AbortSignal,
  failed: (error: NexusError) => void,
): Promise<(ProbeAnswer | JobTiming | null)[]> {
  const { others, againMs, tick } = options;
  for (let left = MOST_TRIES; left > 0; left--) {
    if (others(0) > 0) {
      failed(busy());
      await sleep(againMs, signal);
      signal.throwIfAborted();
      continue;
    }
    const done = await Promise.all(jobs.map((job) => probeJob(job, options, signal)));
    if (others(jobs.length) > 0) {
      failed(busy());
      if (repeats.left === 0) break;
      repeats.left--;
      continue;
    }
    return done.map((one, i) => {
      if (one === 'too long') return tooLong(jobs[i]!.promptTokens, tick());
      if (!(one instanceof NexusError)) return one;
      failed(one);
      return null;
    });
  }
  return jobs.map(() => null);
}

function busy(): NexusError {
  return new NexusError('EXECUTOR_BUSY', 'the executor has other jobs all the time');
}

function tooLong(promptTokens: number, at: number): JobTiming {
  const times = { sentAt: at, firstAt: at, lastAt: at };
  return { verified: false, promptTokens, tokens: 0, ...times, tooLong: true };
}
