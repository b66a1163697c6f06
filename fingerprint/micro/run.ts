import { chainOf, fill } from './chains.ts';
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
/** Pieces that a chain is timed in; those that were interrupted are not the machine's pace. */
const PIECES = 64;

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
    const chain = chainOf(small, fill(small));
    for (let i = 0; i < 8; i++) chain?.advance(WARM_STEPS / 8);
  }
  // Each begins where the one before ended: all time is accounted for.
  let begin = start;
  for (const task of plan) {
    const { reading, end } = await runTask(task, begin, machine);
    readings.push(reading);
    begin = end;
  }
  return { readings, ms: begin - start };
}

async function runTask(
  task: MicroTask,
  begin: number,
  { now, device }: MicroMachine,
): Promise<{ reading: MicroReading; end: number }> {
  const chain = chainOf(task, fill(task));
  const start = now();
  let spread: number[] = [];
  if (chain !== null) {
    const paces: number[] = [];
    for (let done = 0; done < task.steps;) {
      const steps = Math.min(Math.ceil(task.steps / PIECES), task.steps - done);
      const from = now();
      chain.advance(steps);
      paces.push(1e6 * (now() - from) / steps);
      done += steps;
    }
    paces.sort((a, b) => a - b);
    spread = [paces[paces.length >> 2]!];
  } else if (task.kind === 'timer') spread = timerSteps(task.steps, now);
  else if (task.kind === 'quanta') spread = workQuanta(task.steps, task.seed, now);
  else if (device !== null) spread = await kernelLaunches(task.steps, device, now);
  const end = now();
  const times = { ns: 1e6 * (end - start), setup: 1e6 * (start - begin) };
  return { reading: { ...times, check: chain?.end() ?? 0, spread }, end };
}
