import { median } from '../../feeds/base/mod.ts';
import { featuresOf, microPlan } from '../../fingerprint/micro/mod.ts';
import type { Probe, ProbeInfo } from '../../fingerprint/probe/mod.ts';
import {
  cubeFor,
  memoryOf,
  RAW_LIMITS,
  type RawChallenge,
  type Shape,
  shapeFor,
  workOf,
} from '../../fingerprint/raw/mod.ts';

/** What a node finds of its own machine, beside its engine. */
export interface OwnMachine {
  info: ProbeInfo;
  backend: 'gpu' | 'cpu';
  /** Million multiply-and-adds a second: the median of the runs, and each of them. */
  rate: number;
  rates: number[];
  /** MiB that the product filled. */
  memory: number;
  features: readonly number[];
}

/** How long a product is to take, seconds, how often it is run, and the effort of micro-benchmarks. */
export interface OwnMachinePlan {
  aimS: number;
  runs: number;
  effort: number;
}

const FIRST_WORK = 2 ** 26, WORKING_SET = 64;
const MEMORY = { cpu: 192, gpu: 2048 };

/** Runs the raw product and the micro-benchmarks here. Nobody is asked to believe it. */
export async function measureOwnMachine(
  probe: Pick<Probe, 'info' | 'run'>,
  { aimS, runs, effort }: OwnMachinePlan,
  randomBytes: (length: number) => Uint8Array,
  signal: AbortSignal,
): Promise<OwnMachine> {
  const info = await probe.info(signal);
  const once = async (shape: Shape, backend: RawChallenge['backend']) => {
    const nonce = randomBytes(32);
    const done = await probe.run({ type: 'raw', nonce, shape, backend }, signal);
    return { backend: done.backend, rate: workOf(shape) / done.ms / 1000 };
  };
  const first = await once(cubeFor(FIRST_WORK), 'any');
  const { work: most, memory } = RAW_LIMITS[first.backend];
  const shape = shapeFor({
    work: Math.min(most, Math.max(FIRST_WORK, first.rate * 1e6 * aimS)),
    memory: Math.min(memory, MEMORY[first.backend]),
  });
  const rates: number[] = [];
  for (let i = 0; i < runs; i++) rates.push((await once(shape, first.backend)).rate);
  const micro = { type: 'micro' as const, nonce: randomBytes(32), effort, memory: WORKING_SET };
  const answer = await probe.run(micro, signal);
  return {
    info,
    backend: first.backend,
    rate: median(rates),
    rates,
    memory: memoryOf(shape),
    features: featuresOf(microPlan(micro), answer),
  };
}
