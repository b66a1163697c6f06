import { median } from '../../feeds/base/mod.ts';
import { LIMITS, type Spread, type StreamSpread } from '../../feeds/records/mod.ts';
import { boundedSpread, mostReading, mostWriting } from './bounds.ts';
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
 * there and back, admission, the first sampling); writing by the time from first to last token. Both
 * differences shrink where tokens are held back; median and lower end are therefore bounded by what
 * the whole time from the sending on leaves room for.
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
  const written = short.filter(({ tokens }) => tokens >= LEAST_TOKENS);
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
  const prefill = reading.spread.median / 1000;
  const decode = boundedSpread(
    written.map(writingRate),
    written.map((job) => mostWriting(wholeOf([job]), prefill, rttMs)),
  );
  return {
    runs: Math.min(runs, written.length),
    prefill: reading.spread,
    decode,
    streams: curveOf(plan, done, { alone: decode, prefill, rttMs }),
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
  const spread = boundedSpread(rates, long.map((job) => mostReading(job, rttMs)));
  return { spread, isResolved: rates.length > 0 && Number.isFinite(median(rates)) };
}

/** Jobs that were sent at one moment, as one run. */
function wholeOf(timings: readonly JobTiming[]) {
  const sum = (of: (one: JobTiming) => number) => timings.reduce((all, one) => all + of(one), 0);
  const from = Math.min(...timings.map(({ sentAt }) => sentAt));
  const to = Math.max(...timings.map(({ lastAt }) => lastAt));
  return {
    read: sum(({ promptTokens }) => promptTokens),
    written: sum(({ tokens }) => tokens) - 1,
    ms: to - from,
  };
}

/** Output of all jobs of a step together, from the first token of any to the last of all. */
function curveOf(
  plan: WorkPlan,
  done: readonly Done[],
  { alone, prefill, rttMs }: { alone: Spread; prefill: number; rttMs: number },
): StreamSpread[] {
  const levels = new Map<number, { rates: number[]; most: number[] }>();
  for (const { step, timings } of done) {
    if (step.jobs[0]?.role !== 'stream') continue;
    const whole = wholeOf(timings);
    const from = Math.min(...timings.map(({ firstAt }) => firstAt));
    const to = Math.max(...timings.map(({ lastAt }) => lastAt));
    const level = levels.get(timings.length) ?? { rates: [], most: [] };
    level.rates.push(whole.written * 1000 / Math.max(to - from, 1e-3));
    level.most.push(mostWriting(whole, prefill, rttMs));
    levels.set(timings.length, level);
  }
  const enough = [...levels].filter(([, { rates }]) => 2 * rates.length >= plan.runs)
    .sort(([a], [b]) => a - b);
  const isAsked = plan.steps.some(({ jobs }) => jobs.length > 1);
  if (!isAsked && enough.length === 0) return [];
  return [
    { streams: 1, ...alone },
    ...enough.map(([streams, { rates, most }]) => ({ streams, ...boundedSpread(rates, most) })),
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
