import { fill, runChain } from './chains.ts';
import { kernelLaunches, timerSteps, workQuanta } from './noise.ts';
import { microPlan } from './plan.ts';
import type { MicroAnswer, MicroChallenge, MicroReading, MicroTask } from './types.ts';

export interface MicroMachine {
  /** ms, as fine as there is. */
  now: () => number;
  /** A real GPU, or null: then nothing is launched. */
  device: GPUDevice | null;
}

/** Steps that have every chain compiled before any is timed. */
const WARM_STEPS = 20_000;

/**
 * Executor's end: runs the tasks in the plan's order.
 * @throws {NexusError} `MICRO_LIMITS`
 */
export async function runMicro(
  challenge: MicroChallenge,
  machine: MicroMachine,
): Promise<MicroAnswer> {
  const start = machine.now();
  const plan = microPlan(challenge), readings: MicroReading[] = [];
  const kinds = new Map(plan.map((task) => [task.kind, task]));
  for (const task of kinds.values()) {
    const small = { ...task, bytes: Math.min(task.bytes, 4096) };
    const words = fill(small);
    runChain({ ...small, steps: Math.min(task.steps, WARM_STEPS) }, words);
  }
  for (const task of plan) readings.push(await runTask(task, machine));
  return { readings, ms: machine.now() - start };
}

async function runTask(task: MicroTask, { now, device }: MicroMachine): Promise<MicroReading> {
  const begin = now();
  const words = fill(task);
  const start = now();
  let check = 0, spread: number[] = [];
  if (task.kind === 'timer') spread = timerSteps(task.steps, now);
  else if (task.kind === 'quanta') spread = workQuanta(task.steps, task.seed, now);
  else if (task.kind === 'launch') {
    if (device !== null) spread = await kernelLaunches(task.steps, device, now);
  } else check = runChain(task, words);
  return { ns: 1e6 * (now() - start), setup: 1e6 * (start - begin), check, spread };
}
