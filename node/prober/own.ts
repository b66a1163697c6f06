import type { Engine, LoadedModel } from '../engine/mod.ts';

/** One run of one's own engine. Rates in tokens/s. */
export interface OwnRun {
  /** Jobs at once. */
  streams: number;
  /** Prompt tokens a second of one job alone; null where several ran, or none was measured. */
  prefill: number | null;
  /** Output tokens a second, of all jobs together; null where too few came. */
  decode: number | null;
}

/** What is run of oneself, and how much of it. */
export interface OwnPlan {
  /** Runs of one job alone; one more before them warms up and does not count. */
  runs: number;
  promptTokens: number;
  outputTokens: number;
  /** Jobs at once, above one; each is run `levelRuns` times. */
  levels: readonly number[];
  levelRuns: number;
  /**
   * The whole of it, at most, milliseconds. What is not done by then is left out, and on a slow machine
   * runs have fewer tokens, so that some end within it.
   */
  budgetMs: number;
}

export interface OwnDeps {
  engine: Pick<Engine, 'generate'>;
  model: LoadedModel;
  /** Monotonic milliseconds. */
  tick: () => number;
  randomBytes: (length: number) => Uint8Array;
}

const WARM_UP = { promptTokens: 24, outputTokens: 4 };
/** So many runs are to end within the time, of so many tokens at least, and some of it is left over. */
const ENDING = 3, LEAST_TOKENS = 8, SPARE = 0.1;

/**
 * Levels of jobs at once that are worth trying: powers of two up to the slots of the model.
 * @example levelsOf(6) // [2, 4, 6]
 */
export function levelsOf(slots: number): number[] {
  const levels: number[] = [];
  for (let n = 2; n < slots; n *= 2) levels.push(n);
  return slots > 1 ? [...levels, slots] : levels;
}

/** A few runs: seconds. */
export function quickPlan({ contextSize, slots }: LoadedModel, budgetMs: number): OwnPlan {
  return {
    runs: 3,
    promptTokens: fitting(192, contextSize),
    outputTokens: 24,
    levels: slots > 1 ? [slots] : [],
    levelRuns: 1,
    budgetMs,
  };
}

/** As many runs as a challenger makes. */
export function fullPlan({ contextSize, slots }: LoadedModel, budgetMs: number): OwnPlan {
  return {
    runs: 9,
    promptTokens: fitting(256, contextSize),
    outputTokens: 64,
    levels: levelsOf(slots),
    levelRuns: 3,
    budgetMs,
  };
}

function fitting(tokens: number, contextSize: number): number {
  return Math.max(LEAST_TOKENS, Math.min(tokens, Math.floor(contextSize / 4)));
}

/**
 * Runs the plan, each run with another random prompt, so that no cache helps. It ends early, with what it
 * has, when the time is over or the signal aborts.
 */
export async function* ownRuns(
  plan: OwnPlan,
  deps: OwnDeps,
  signal: AbortSignal,
): AsyncGenerator<OwnRun, void, void> {
  const from = deps.tick();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), plan.budgetMs);
  const both = AbortSignal.any([signal, stop.signal]);
  const over = () => both.aborted || deps.tick() - from >= plan.budgetMs;
  try {
    let best = ratesOf(await job(WARM_UP, deps, both), WARM_UP), size: Size = plan;
    const most = Math.min(plan.runs, ENDING);
    for (let i = 0; i < plan.runs && !over(); i++) {
      // The first ones may have read the weights from a disk: what comes then may be larger.
      if (i < most) {
        size = sizeWithin(plan, best, (plan.budgetMs + from - deps.tick()) / (most - i));
      }
      const ran = await job(size, deps, both);
      if (both.aborted || ran.first === null) continue;
      const { prefill, decode } = ratesOf(ran, size);
      best = { prefill: larger(best.prefill, prefill), decode: larger(best.decode, decode) };
      yield { streams: 1, prefill, decode };
    }
    for (const streams of plan.levels) {
      for (let i = 0; i < plan.levelRuns && !over(); i++) {
        const jobs = await Promise.all(
          Array.from({ length: streams }, () => job(size, deps, both)),
        );
        const total = together(jobs);
        if (!both.aborted && total !== null) yield { streams, prefill: null, decode: total };
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

type Size = Pick<OwnPlan, 'promptTokens' | 'outputTokens'>;
type Rates = Pick<OwnRun, 'prefill' | 'decode'>;

/** As many tokens of each kind as are read and written within so many milliseconds. */
function sizeWithin(
  { promptTokens, outputTokens }: Size,
  { prefill, decode }: Rates,
  wholeMs: number,
): Size {
  const ms = (1 - SPARE) * wholeMs;
  const read = (prefill ?? Infinity) / 1000, write = (decode ?? prefill ?? Infinity) / 1000;
  const part = Math.min(1, ms / (promptTokens / read + outputTokens / write));
  const output = Math.max(Math.min(LEAST_TOKENS, outputTokens), Math.floor(part * outputTokens));
  const rest = Math.floor(Math.min(promptTokens, (ms - output / write) * read));
  return {
    promptTokens: Math.max(Math.min(LEAST_TOKENS, promptTokens), rest),
    outputTokens: output,
  };
}

function ratesOf({ sent, first, last, tokens }: Ran, { promptTokens }: Size): Rates {
  return {
    prefill: first === null ? null : rate(promptTokens, first - sent),
    decode: first === null || tokens < 2 ? null : rate(tokens - 1, last - first),
  };
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.max(a, b);
}

/** One job, by this machine's clock. */
interface Ran {
  sent: number;
  first: number | null;
  last: number;
  tokens: number;
}

async function job(
  { promptTokens, outputTokens }: Size,
  { engine, model, tick, randomBytes }: OwnDeps,
  signal: AbortSignal,
): Promise<Ran> {
  const ids = new Uint32Array(randomBytes(4 * promptTokens).slice().buffer);
  const ends = new Set(model.endTokens);
  const prompt = Array.from(ids, (n) => n % model.vocabularySize)
    .map((id) => ends.has(id) ? (id + 1) % model.vocabularySize : id);
  const sent = tick();
  const ran: Ran = { sent, first: null, last: sent, tokens: 0 };
  const run = engine.generate({
    profileId: model.profileId,
    prompt,
    prefix: [],
    seed: randomBytes(32),
    sampling: { tq: 1024, pq: 65_536, maxTokens: outputTokens },
    stops: [],
  }, signal);
  for await (const _ of run) {
    ran.last = tick();
    ran.first ??= ran.last;
    ran.tokens++;
  }
  return ran;
}

/** Tokens a second of all, while all of them wrote. */
function together(jobs: readonly Ran[]): number | null {
  if (jobs.some(({ first, tokens }) => first === null || tokens < 2)) return null;
  const from = Math.min(...jobs.map(({ first }) => first!));
  const to = Math.max(...jobs.map(({ last }) => last));
  const tokens = jobs.reduce((sum, one) => sum + one.tokens - 1, 0);
  return rate(tokens, to - from);
}

function rate(count: number, ms: number): number | null {
  return ms > 0 ? 1000 * count / ms : null;
}
