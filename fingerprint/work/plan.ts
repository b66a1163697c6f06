import { NexusError } from '../../feeds/base/mod.ts';
import { Draw } from '../draw/mod.ts';
import { type Lengths, lengthsFor } from './lengths.ts';
import type { JobRole, PlannedJob, PlannedStep, WorkBounds, WorkPlan } from './types.ts';

const TAG = 'nexus/probe-draw/1';
/** Output tokens of a job whose first token alone is timed. */
const GLIMPSE = 2;
/** Output tokens of one job alone, against those of each of several at once. */
const SHARE = 2;
/** One run in so many is to spare. */
const SPARE_RUNS = 5;
const MOST_RUNS = 1024;

/**
 * The jobs of a work probe: pairs of a short and a long prompt (reading), the short one's answer
 * (writing), several at once, and one that fills the context; each with a nonce of its own, in an
 * order and of lengths that follow from the challenge's nonce.
 * @param nonce 32 bytes: secret until the jobs are sent, or the executor could prepare
 * @throws {NexusError} `PROBE_BOUNDS` if the bounds leave no room for it
 */
export function planWork(nonce: Uint8Array, bounds: WorkBounds): WorkPlan {
  const { runs: least } = bounds;
  if (nonce.length !== 32 || !Number.isInteger(least) || least < 1 || least > MOST_RUNS) {
    throw new NexusError('PROBE_BOUNDS', 'a work probe needs a nonce of 32 bytes, and runs', {
      hint: `give 32 random bytes and from 1 to ${MOST_RUNS} runs`,
    });
  }
  const runs = least + Math.ceil(least / SPARE_RUNS);
  // The warm-up is one turn more.
  const draw = new Draw(TAG, nonce), lengths = lengthsFor(bounds, runs + 1);
  const counted: PlannedStep[] = [];
  for (let run = 1; run <= runs; run++) counted.push(...stepsOf(run, draw, lengths));
  const fill: PlannedStep[] = lengths.context === 0
    ? []
    : [{ run: 1, jobs: [job('context', lengths.context, GLIMPSE, draw)] }];
  // What was never asked for is slower the first time: memory, kernels, caches of prompts.
  return { runs, steps: [...stepsOf(0, draw, lengths), ...draw.shuffled([...counted, ...fill])] };
}

function stepsOf(run: number, draw: Draw, { short, long, written, levels }: Lengths) {
  const few = () => draw.whole(short.least, short.most);
  const steps: PlannedStep[] = [
    { run, jobs: [job('short', few(), written, draw)] },
    { run, jobs: [job('long', draw.whole(long.least, long.most), GLIMPSE, draw)] },
  ];
  for (const level of levels) {
    if (level === 1) continue;
    const tokens = Math.max(GLIMPSE, Math.round(written / SHARE));
    const jobs = Array.from({ length: level }, () => job('stream', few(), tokens, draw));
    steps.push({ run, jobs });
  }
  return steps;
}

function job(role: JobRole, promptTokens: number, maxTokens: number, draw: Draw): PlannedJob {
  return { role, nonce: draw.bytes(), promptTokens, maxTokens };
}
