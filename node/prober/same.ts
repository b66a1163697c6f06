import { distance, FEATURE_NAMES, MICRO_CALIBRATION } from '../../fingerprint/micro/mod.ts';
import { type Ratio, ratioOf } from '../../fingerprint/stats/mod.ts';
import type { OwnMachine } from './own_machine.ts';

/** Of the meaning of what is kept. */
const VERSION = 1;

/** What a node keeps of its machine, to be compared with later. */
export interface KeptMachine {
  version: typeof VERSION;
  /** Milliseconds since 1970. */
  at: number;
  backend: 'gpu' | 'cpu';
  threads: number;
  features: readonly number[];
  /** Of the raw product, Mop/s. */
  rates: readonly number[];
}

/** How a machine stands to what was kept. */
export interface SameMachine {
  /** When that was measured. */
  at: number;
  /** Between the micro-benchmarks, and above which they are held to be of another machine. */
  distance: number;
  threshold: number;
  isSame: boolean;
  /** Of the raw product's rate now to then; null where other threads or another device computed. */
  rate: Ratio | null;
}

export function keptMachine(
  { backend, info: { threads }, features, rates }: OwnMachine,
  at: number,
): KeptMachine {
  return { version: VERSION, at, backend, threads, features: [...features], rates: [...rates] };
}

/** What a file holds; null where it is not of this version, or damaged. */
export function readKept(value: unknown): KeptMachine | null {
  const { version, at, backend, threads, features, rates } = (value ?? {}) as Partial<KeptMachine>;
  const isNumbers = (of: unknown, least: number): of is number[] =>
    Array.isArray(of) && of.length >= least && of.length <= 4096 &&
    of.every((one) => Number.isFinite(one));
  if (version !== VERSION || !Number.isFinite(at) || !Number.isInteger(threads)) return null;
  if (backend !== 'gpu' && backend !== 'cpu') return null;
  if (!isNumbers(features, FEATURE_NAMES.length) || !isNumbers(rates, 1)) return null;
  if (rates.some((rate) => rate <= 0)) return null;
  return { version, at: at!, backend, threads: threads!, features, rates };
}

/**
 * Whether this is the machine of then, as far as micro-benchmarks indicate it. One that is busy differs
 * from itself: it says what it measured, and nobody is blamed for it.
 */
export function compareMachines(kept: KeptMachine, now: KeptMachine): SameMachine {
  const { threshold } = MICRO_CALIBRATION;
  const apart = distance(kept.features, now.features, MICRO_CALIBRATION);
  const isComparable = kept.backend === now.backend && kept.threads === now.threads;
  return {
    at: kept.at,
    distance: apart,
    threshold,
    isSame: apart <= threshold,
    rate: isComparable ? ratioOf(kept.rates, now.rates) : null,
  };
}
