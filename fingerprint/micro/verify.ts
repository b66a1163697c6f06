import { NexusError } from '../../feeds/base/mod.ts';
import { checkClock, gently } from '../raw/mod.ts';
import { chainOf, fill } from './chains.ts';
import { Draw } from '../draw/mod.ts';
import { microPlan } from './plan.ts';
import type { MicroAnswer, MicroChallenge, MicroKind, MicroTask, MicroTiming } from './types.ts';

const SPOTS_TAG = 'nexus/micro-spots/1';
/** No processor does one dependent step, or a stream's word, in less, ns. */
const LEAST_NS = 0.02;
/** Steps of a chain between two chances for others, a few milliseconds at most. */
const STEPS = 2 ** 15;
/** By how much the readings may miss the whole, as a share: they are rounded on their way. */
const SLACK = 0.01;

const UNCHECKED: ReadonlySet<MicroKind> = new Set(['timer', 'quanta', 'launch']);

/** Tasks whose end the challenger can compute. */
export function checkable(plan: readonly MicroTask[]): number[] {
  return plan.flatMap((task, i) => UNCHECKED.has(task.kind) ? [] : [i]);
}

/**
 * Challenger's end: shape, clocks, and the ends of `spots` chains that are drawn now.
 * @param secret 32 random bytes, drawn after the answer
 * @throws {NexusError} `MICRO_MALFORMED`, `CLOCK_DOCTORED`, `MICRO_WRONG`
 */
export function verifyMicro(...asked: Parameters<typeof microSteps>): void {
  for (const _ of microSteps(...asked));
}

/** {@link verifyMicro} in steps of some milliseconds. @throws {NexusError} as that */
export function verifyMicroGently(...asked: Parameters<typeof microSteps>): Promise<void> {
  return gently(microSteps(...asked));
}

function* microSteps(
  challenge: MicroChallenge,
  answer: MicroAnswer,
  timing: MicroTiming,
  { secret, spots }: { secret: Uint8Array; spots: number },
): Generator<void> {
  const plan = microPlan(challenge);
  const { readings, ms } = answer ?? {};
  if (!Array.isArray(readings) || readings.length !== plan.length || !Number.isFinite(ms)) {
    throw refused('MICRO_MALFORMED', 'the answer is not one reading a task');
  }
  let total = 0;
  for (const [i, task] of plan.entries()) {
    const { ns, setup, check, spread } = readings[i]! ?? {};
    const paces: unknown[] = Array.isArray(spread) ? spread.slice(0, 3) : [];
    const isNumbers = [ns, setup, check, ...paces].every((n) =>
      Number.isFinite(n) && n as number >= 0
    );
    const isWhole = task.kind === 'launch'
      ? [0, 2].includes(paces.length)
      : paces.length === (UNCHECKED.has(task.kind) ? 2 : 1);
    // The lower quartile of equal pieces is at most 4/3 of their mean.
    const isOff = !UNCHECKED.has(task.kind) && !(paces[0]! as number * task.steps <= 1.4 * ns);
    if (!isNumbers || !isWhole || isOff || (paces.length > 0 && ns < LEAST_NS * task.steps)) {
      throw refused('MICRO_MALFORMED', `the reading of task ${i} cannot be one`);
    }
    total += (ns + setup) / 1e6;
  }
  checkClock(ms, timing);
  if (Math.abs(total - ms) > SLACK * ms) {
    throw refused('CLOCK_DOCTORED', 'the readings do not add up to the time that passed');
  }
  const drawn = new Draw(SPOTS_TAG, secret).shuffled(checkable(plan)).slice(0, spots);
  for (const i of drawn) {
    const task = plan[i]!;
    const chain = chainOf(task, fill(task))!;
    for (let left = task.steps; left > 0; left -= STEPS) {
      chain.advance(Math.min(STEPS, left));
      yield;
    }
    if (chain.end() !== readings[i]!.check) {
      throw refused('MICRO_WRONG', `task ${i} (${task.kind}) was not done`);
    }
  }
}

function refused(code: string, message: string): NexusError {
  return new NexusError(code, message, {
    hint: 'the run counts for nothing: challenge again, with a fresh nonce',
    stage: 'fingerprint',
  });
}
