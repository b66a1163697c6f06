import { type JobTiming, type StepTiming, type WorkPlan } from '../../fingerprint/work/mod.ts';

/** What a made-up machine does, and what lies between it and its challenger. */
export interface Machine {
  /** Tokens a second. */
  prefill: number;
  decode: number;
  /** Output of all together is at most so much. */
  total: number;
  /** Jobs at once. */
  slots: number;
  /** Of each job, whatever its prompt: admission, template, the first sampling; milliseconds. */
  overheadMs: number;
  rttMs: number;
  /** Share by which each time varies: uniform from -noise to +noise. */
  noise: number;
}

export const MACHINE: Machine = {
  prefill: 300,
  decode: 90,
  total: 140,
  slots: 4,
  overheadMs: 12,
  rttMs: 20,
  noise: 0.05,
};

/** Does a plan's jobs on a made-up machine. */
export function perform(
  plan: WorkPlan,
  machine: Machine,
  random: () => number,
  but: (timing: JobTiming, role: string) => JobTiming | null = (timing) => timing,
): StepTiming[] {
  const { prefill, decode, total, overheadMs, rttMs, noise } = machine;
  const about = (ms: number) => ms * (1 + noise * (2 * random() - 1));
  let clock = 1_000;
  return plan.steps.map(({ jobs }) => {
    const each = Math.min(decode, total / jobs.length);
    const timings = jobs.map(({ role, promptTokens, maxTokens }) => {
      const sentAt = clock;
      const firstAt = sentAt + about(rttMs) + about(overheadMs) +
        about(1000 * promptTokens / prefill);
      const lastAt = firstAt + about(1000 * (maxTokens - 1) / each);
      return but(
        { verified: true, promptTokens, tokens: maxTokens, sentAt, firstAt, lastAt },
        role,
      );
    });
    clock += 5_000;
    return timings;
  });
}
