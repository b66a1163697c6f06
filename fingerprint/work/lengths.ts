import type { WorkBounds } from './types.ts';

/** Time that a job of the plan is to take on the claimed machine, seconds. */
const READ_S = 0.25;
const WRITE_S = 0.25;
/** Time that filling the context may take. */
const CONTEXT_S = 8;
/** Of a machine that claims nothing, tokens a second. */
const UNKNOWN = { prefill: 500, decode: 30, streams: 1, context: Infinity };

const LEAST_SHORT = 16;
const MOST_SHORT = 48;
const LEAST_WRITTEN = 16;
const MOST_WRITTEN = 128;
/** Left of a context for what the template adds, and the answer. */
const SPARE = 96;
/** Most jobs at once: what one challenger pays and times, whatever somebody claims to do at once. */
const MOST_STREAMS = 8;
/** Most jobs of a plan: nine runs with all levels take 192. Levels are left out beyond that. */
const MOST_JOBS = 256;
/** Most prompt tokens of all long prompts together: a machine that reads 10,000 a second fills it. */
const MOST_READ = 32_768;
/** Most tokens of the prompt that fills the context, which is asked for once. */
const MOST_CONTEXT = 16_384;

/** Bounds of the jobs' lengths, in tokens. */
export interface Lengths {
  /** Of the shorter prompt of a pair, which varies between both. */
  short: { least: number; most: number };
  /** Of the longer one. */
  long: { least: number; most: number };
  /** Output of the jobs that are timed for it. */
  written: number;
  /** Prompt that fills the context as far as there is time to; 0: do not try. */
  context: number;
  /** Jobs at once, growing, one alone first. */
  levels: number[];
}

/**
 * How long the jobs are to be: so long that a machine as fast as claimed works a quarter of a second
 * on each. A false claim makes a probe longer or less exact; it cannot make it wrong, since rates
 * come from what was really asked. The challenger pays for all of it, so what a claim can make of it
 * ends somewhere.
 * @param turns how often each kind of job is done
 */
export function lengthsFor(
  { contextSize, maxPromptTokens, maxTokens, claim, quick = false }: WorkBounds,
  turns: number,
): Lengths {
  const said = claim ?? UNKNOWN;
  const room = Math.max(LEAST_SHORT * 4, Math.min(contextSize - SPARE, maxPromptTokens));
  const least = Math.min(LEAST_SHORT, room >> 2), most = Math.min(MOST_SHORT, room >> 1);
  // Half of the room at most: the other half keeps a long answer possible.
  const wished = Math.max(4 * most, Math.round(said.prefill * READ_S));
  const read = Math.min(room >> 1, Math.floor(MOST_READ / turns), wished);
  const written = Math.min(
    maxTokens,
    MOST_WRITTEN,
    Math.max(LEAST_WRITTEN, Math.round(said.decode * WRITE_S)),
  );
  const wanted = Math.round(said.prefill * CONTEXT_S);
  const fill = Math.min(room, MOST_CONTEXT, said.context - SPARE, wanted);
  return {
    short: { least, most },
    long: { least: Math.max(most + 1, Math.round(read * 0.9)), most: Math.max(most + 1, read) },
    written,
    context: quick || fill <= read ? 0 : fill,
    levels: quick ? [1] : affordable(levelsUpTo(Math.min(MOST_STREAMS, said.streams)), turns),
  };
}

/** The levels that leave a plan within its number of jobs. */
function affordable(levels: readonly number[], turns: number): number[] {
  // A pair of prompts comes with every turn, and one job fills the context.
  let jobs = 1 + 2 * turns;
  return levels.filter((level) => level === 1 || (jobs += level * turns) <= MOST_JOBS);
}

/** 1, 2, 4, … up to a number, and that number; 1 at least. */
function levelsUpTo(most: number): number[] {
  const levels: number[] = [];
  for (let level = 1; level < most; level *= 2) levels.push(level);
  return [...levels, Math.max(1, most)];
}
