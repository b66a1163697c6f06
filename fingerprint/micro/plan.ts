import { NexusError } from '../../feeds/base/mod.ts';
import { Draw } from '../draw/mod.ts';
import type { MicroChallenge, MicroKind, MicroTask } from './types.ts';

/** Of all that is drawn for micro-benchmarks. */
export const PLAN_TAG = 'nexus/micro-plan/2';
/** Bytes of a cache line, as the working sets assume it. */
const LINE = 64;
/** Working sets of walks, as powers of two: 16 KiB to 64 MiB. */
export const OCTAVES = { first: 14, last: 26 } as const;
/** Largest working set that anybody may ask for, MiB. */
const MAX_MEMORY = 256;
/** Walks an octave, and runs of each other kind. */
const REPEATS = 3;

/** Steps of one task at full effort, some 5 to 20 ms each. */
const STEPS: Record<Exclude<MicroKind, 'walk'>, number> = {
  multiply: 2 ** 22,
  divide: 2 ** 20,
  branch: 2 ** 20,
  stream: 2 ** 23,
  timer: 2 ** 13,
  quanta: 2 ** 10,
  launch: 2 ** 7,
};
const STREAM_MIB = 16;

/**
 * The tasks of a challenge: order, sizes, steps and contents are the nonce's.
 * @throws {NexusError} `MICRO_LIMITS`
 */
export function microPlan({ nonce, effort, memory }: MicroChallenge): readonly MicroTask[] {
  const isInside = effort > 0 && effort <= 1 && memory >= 1 && memory <= MAX_MEMORY;
  if (!isInside || nonce.length !== 32) {
    throw new NexusError('MICRO_LIMITS', 'the challenge asks for more than a probe gives', {
      hint: `effort above 0 and at most 1, memory from 1 to ${MAX_MEMORY} MiB`,
    });
  }
  const draw = new Draw(PLAN_TAG, nonce), tasks: MicroTask[] = [];
  const add = (kind: MicroKind, bytes: number, steps: number) => {
    const scaled = steps * effort * draw.between(0.75, 1.25);
    tasks.push({ kind, bytes, steps: Math.max(1, Math.round(scaled)), seed: draw.word() });
  };
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (let octave = OCTAVES.first; octave <= OCTAVES.last; octave++) {
      if (2 ** octave > memory * 2 ** 20) break;
      const lines = Math.round(2 ** (octave + draw.between(-0.2, 0.2)) / LINE);
      // Far sets take fifteen times as long a step.
      add('walk', LINE * lines, octave < 21 ? 2 ** 19 : octave < 24 ? 2 ** 18 : 2 ** 16);
    }
    for (const kind of ['multiply', 'divide', 'branch', 'timer', 'quanta', 'launch'] as const) {
      add(kind, 0, STEPS[kind]);
    }
    const most = Math.min(STREAM_MIB, memory) * 2 ** 20;
    add('stream', LINE * Math.round(most * draw.between(0.75, 1) / LINE), STEPS.stream);
  }
  return draw.shuffled(tasks);
}
