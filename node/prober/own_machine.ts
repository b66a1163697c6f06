import { median } from '../../feeds/base/mod.ts';
import { featuresOf, microPlan } from '../../fingerprint/micro/mod.ts';
import type { Probe, ProbeInfo } from '../../fingerprint/probe/mod.ts';
import {
  memoryOf,
  RAW_LIMITS,
  type RawChallenge,
  type Shape,
  workOf,
} from '../../fingerprint/raw/mod.ts';
import { sizedProduct } from './sized.ts';

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
    return { backend: done.backend, pace: workOf(shape) / done.ms };
  };
  const sized = { firstWork: FIRST_WORK, aimS, limits: RAW_LIMITS };
  const { whole, shape } = await sizedProduct(once, sized);
  const { backend } = whole, rates = [whole.pace / 1000];
  while (rates.length < runs) rates.push((await once(shape, backend)).pace / 1000);
  const micro = { type: 'micro' as const, nonce: randomBytes(32), effort, memory: WORKING_SET };
  const answer = await probe.run(micro, signal);
  return {
    info,
    backend,
    rate: median(rates),
    rates,
    memory: memoryOf(shape),
    features: featuresOf(microPlan(micro), answer),
  };
}
