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
  /** The whole of it, at most, milliseconds. What is not done by then is left out. */
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
  return Math.max(8, Math.min(tokens, Math.floor(contextSize / 4)));
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
    await job({ ...plan, ...WARM_UP }, deps, both);
    for (let i = 0; i < plan.runs && !over(); i++) {
      const { sent, first, last, tokens } = await job(plan, deps, both);
      if (both.aborted || first === null) continue;
      yield {
        streams: 1,
        prefill: rate(plan.promptTokens, first - sent),
        decode: tokens < 2 ? null : rate(tokens - 1, last - first),
      };
    }
    for (const streams of plan.levels) {
      for (let i = 0; i < plan.levelRuns && !over(); i++) {
        const jobs = await Promise.all(
          Array.from({ length: streams }, () => job(plan, deps, both)),
        );
        const total = together(jobs);
        if (!both.aborted && total !== null) yield { streams, prefill: null, decode: total };
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** One job, by this machine's clock. */
interface Ran {
  sent: number;
  first: number | null;
  last: number;
  tokens: number;
}

async function job(
  { promptTokens, outputTokens }: Pick<OwnPlan, 'promptTokens' | 'outputTokens'>,
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
