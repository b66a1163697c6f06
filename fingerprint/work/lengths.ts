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
/** Most jobs at once: a fingerprint has room for this many levels of powers of two. */
const MOST_STREAMS = 64;

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
 * come from what was really asked.
 */
export function lengthsFor(
  { contextSize, maxPromptTokens, maxTokens, claim, quick = false }: WorkBounds,
): Lengths {
  const said = claim ?? UNKNOWN;
  const room = Math.max(LEAST_SHORT * 4, Math.min(contextSize - SPARE, maxPromptTokens));
  const least = Math.min(LEAST_SHORT, room >> 2), most = Math.min(MOST_SHORT, room >> 1);
  // Half of the room at most: the other half keeps a long answer possible.
  const read = Math.min(room >> 1, Math.max(4 * most, Math.round(said.prefill * READ_S)));
  const written = Math.min(
    maxTokens,
    MOST_WRITTEN,
    Math.max(LEAST_WRITTEN, Math.round(said.decode * WRITE_S)),
  );
  const fill = Math.min(room, said.context - SPARE, Math.round(said.prefill * CONTEXT_S));
  return {
    short: { least, most },
    long: { least: Math.max(most + 1, Math.round(read * 0.9)), most: Math.max(most + 1, read) },
    written,
    context: quick || fill <= read ? 0 : fill,
    levels: quick ? [1] : levelsUpTo(Math.min(MOST_STREAMS, Math.max(1, said.streams))),
  };
}

/** 1, 2, 4, … up to a number, and that number: at most eight. */
function levelsUpTo(most: number): number[] {
  const levels: number[] = [];
  for (let level = 1; level < most; level *= 2) levels.push(level);
  return [...levels, most];
}
