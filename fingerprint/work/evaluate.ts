import { median } from '../../feeds/base/mod.ts';
import { LIMITS, type Spread, type StreamSpread } from '../../feeds/records/mod.ts';
import { milli, spreadOf } from '../stats/mod.ts';
import type { JobTiming, PlannedStep, StepTiming, WorkFigures, WorkPlan } from './types.ts';

/** Fewer tokens than these say nothing of a rate. */
const LEAST_TOKENS = 8;
const NOTHING: Spread = { median: 0, mad: 0, low: 0, high: 0 };

/** What came of one step. */
interface Done {
  step: PlannedStep;
  timings: readonly JobTiming[];
}

/**
 * What the times of a plan's jobs say. Only verified jobs count, and the warm-up never. Reading is
 * timed by the difference of two prompt lengths, so that all that is equal for both cancels (the way
 * there and back, admission, the first sampling); writing by the time from first to last token.
 * @param rttMs round trip to the executor as the challenger measured it meanwhile, milliseconds
 */
export function evaluateWork(
  plan: WorkPlan,
  timings: readonly StepTiming[],
  rttMs: number,
): WorkFigures {
  const done: Done[] = [];
  let failed = 0;
  for (const [i, step] of plan.steps.entries()) {
    const of = step.jobs.map((_, j) => timings[i]?.[j] ?? null);
    const good = of.flatMap((one) => one !== null && isSound(one) ? [one] : []);
    failed += of.length - good.length - of.filter((one) => one?.tooLong === true).length;
    if (step.run > 0 && good.length === of.length) done.push({ step, timings: good });
  }
  const short = only(done, 'short'), long = only(done, 'long');
  const runs = Math.min(short.length, long.length, LIMITS.runs);
  const written = short.filter(({ tokens }) => tokens >= LEAST_TOKENS).map(writingRate);
  const reading = prefillOf(short, long, rttMs);
  const context = contextOf(plan, timings, done);
  if (2 * runs < plan.runs || 2 * written.length < plan.runs) {
    return {
      runs: 0,
      prefill: NOTHING,
      decode: NOTHING,
      streams: [],
      context: 0,
      contextFailed: 0,
      failed,
      isPrefillResolved: false,
    };
  }
  const decode = spreadOf(written);
  return {
    runs: Math.min(runs, written.length),
    prefill: reading.spread,
    decode,
    streams: curveOf(plan, done, decode),
    ...context,
    failed,
    isPrefillResolved: reading.isResolved,
  };
}

function isSound({ verified, promptTokens, tokens, sentAt, firstAt, lastAt }: JobTiming): boolean {
  return verified && promptTokens > 0 && tokens > 0 && sentAt <= firstAt && firstAt <= lastAt;
}

function only(done: readonly Done[], role: 'short' | 'long'): JobTiming[] {
  return done.flatMap(({ step, timings }) => step.jobs[0]?.role === role ? [timings[0]!] : []);
}

/** Output tokens a second; what came at one moment says that it was faster than can be told. */
function writingRate({ tokens, firstAt, lastAt }: JobTiming): number {
  return (tokens - 1) * 1000 / Math.max(lastAt - firstAt, 1e-3);
}

function prefillOf(
  short: readonly JobTiming[],
  long: readonly JobTiming[],
  rttMs: number,
): { spread: Spread; isResolved: boolean } {
  const firstMs = ({ sentAt, firstAt }: JobTiming) => firstAt - sentAt;
  const offset = median(short.map(firstMs));
  const few = median(short.map(({ promptTokens }) => promptTokens));
  const rates = long.map((job) => {
    const ms = firstMs(job) - offset;
    return ms > 0 ? (job.promptTokens - few) * 1000 / ms : Infinity;
  });
  const spread = spreadOf(rates);
  if (rates.length > 0 && Number.isFinite(median(rates))) {
    return { spread, isResolved: true };
  }
  // It read faster than can be told here: at least as fast as if nothing but reading took time.
  const least = median(long.map((job) => {
    return job.promptTokens * 1000 / Math.max(firstMs(job) - rttMs, 1e-3);
  }));
  const low = Number.isFinite(least) ? milli(least) : 0;
  return { spread: { median: low, mad: 0, low, high: LIMITS.rate }, isResolved: false };
}

/** Output of all jobs of a step together, from the first token of any to the last of all. */
function curveOf(plan: WorkPlan, done: readonly Done[], alone: Spread): StreamSpread[] {
  const rates = new Map<number, number[]>();
  for (const { step, timings } of done) {
    if (step.jobs[0]?.role !== 'stream') continue;
    const tokens = timings.reduce((sum, { tokens }) => sum + tokens, 0);
    const from = Math.min(...timings.map(({ firstAt }) => firstAt));
    const to = Math.max(...timings.map(({ lastAt }) => lastAt));
    const level = rates.get(timings.length) ?? [];
    rates.set(timings.length, [...level, (tokens - 1) * 1000 / Math.max(to - from, 1e-3)]);
  }
  const levels = [...rates].filter(([, of]) => 2 * of.length >= plan.runs).sort(([a], [b]) =>
    a - b
  );
  const isAsked = plan.steps.some(({ jobs }) => jobs.length > 1);
  if (!isAsked && levels.length === 0) return [];
  return [
    { streams: 1, ...alone },
    ...levels.map(([streams, of]) => ({ streams, ...spreadOf(of) })),
  ];
}

function contextOf(plan: WorkPlan, timings: readonly StepTiming[], done: readonly Done[]) {
  let context = 0, contextFailed = 0;
  for (const { timings } of done) {
    for (const { promptTokens, tokens } of timings) {
      context = Math.max(context, promptTokens + tokens);
    }
  }
  for (const [i, { jobs: [job] }] of plan.steps.entries()) {
    if (job?.role === 'context' && timings[i]?.[0]?.tooLong) contextFailed = job.promptTokens;
  }
  // Who filled more than it says is too much has a fault of another kind.
  return { context, contextFailed: contextFailed > context ? contextFailed : 0 };
}
