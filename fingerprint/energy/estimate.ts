import { counted } from '../../feeds/base/mod.ts';
import { PowerIntegral } from './counter.ts';
import type { EnergySource, SourceInfo } from './types.ts';

/** What an estimate goes by. */
export interface Machine {
  /** Name of the processor as the system gives it. */
  cpu: string;
  /** Name of the graphics card as its driver gives it; null: the processor decodes. */
  gpu: string | null;
  /** Threads that decode. */
  threads: number;
}

/** A class of machines, and what one of them takes while it decodes, watts. */
interface Class {
  name: string;
  pattern: RegExp;
  watts: number;
}

/**
 * Watts of a busy thread, its part of caches, memory and power supply included: the makers' design
 * power by the threads it is made for. Laptops share 15 to 28 W among 8 to 16 threads, desktops
 * 65 to 125 W among 12 to 24, servers 200 to 400 W among 64 to 256.
 */
const PROCESSORS: readonly Class[] = [
  { name: 'server', pattern: /xeon|epyc|opteron|ampere|graviton|neoverse|altra/i, watts: 3.5 },
  { name: 'small board', pattern: /cortex|raspberry|bcm\d|atom|celeron|n\d{2,3}\b/i, watts: 1.5 },
  { name: 'Apple', pattern: /apple/i, watts: 3 },
  {
    name: 'laptop',
    pattern: /\d(u|y|p|h|hs|hx|hk|g\d)\b|mobile|ultra \d|snapdragon/i,
    watts: 3.5,
  },
  { name: 'desktop', pattern: /ryzen|core|fx|pentium|i[3579]/i, watts: 6 },
];
const OTHER: Class = { name: 'unknown', pattern: /./, watts: 4 };

/** Board power of cards by their makers; decoding one answer takes about {@link LOADED} of it. */
const CARDS: readonly Class[] = [
  { name: 'H100/H200', pattern: /h[12]00/i, watts: 700 },
  { name: 'B200', pattern: /b[12]00\b/i, watts: 1000 },
  { name: 'A100', pattern: /\b(a100[dx]?|a800)\b/i, watts: 400 },
  { name: 'L40', pattern: /l40/i, watts: 300 },
  { name: 'A10/L4/T4', pattern: /\b(a10|l4|t4)\b/i, watts: 100 },
  { name: 'RTX 5090', pattern: /5090/, watts: 575 },
  { name: 'RTX 4090', pattern: /4090/, watts: 450 },
  { name: 'RTX 3090', pattern: /3090/, watts: 350 },
  { name: 'RTX x080', pattern: /[2345]080/, watts: 320 },
  { name: 'RTX x070', pattern: /[2345]070/, watts: 220 },
  { name: 'RTX x060', pattern: /[2345]060/, watts: 160 },
  { name: 'RX 7900', pattern: /[79][89]00/, watts: 300 },
  { name: 'RX x800', pattern: /[67][678]00/, watts: 240 },
  { name: 'Apple', pattern: /apple/i, watts: 30 },
  { name: 'integrated', pattern: /intel|iris|uhd|vega|radeon graphics|adreno|mali/i, watts: 25 },
];
const OTHER_CARD: Class = { name: 'unknown card', pattern: /./, watts: 200 };
/** Decoding waits for memory: cards do not come up to their board power. */
const LOADED = 0.75;
/** What a machine takes beside its card, watts. */
const HOST = 40;
/** Of a class that is known, and of one that is not: half and twice are within it. */
const ERROR = { known: 0.5, unknown: 1 };

/** Watts of a machine while it decodes, by its class. */
export function classPower(machine: Machine): { watts: number; class: string; error: number } {
  const { cpu, gpu, threads } = machine;
  const known = (classes: readonly Class[], name: string) =>
    classes.find(({ pattern }) => pattern.test(name));
  if (gpu !== null) {
    const card = known(CARDS, gpu);
    const { name, watts } = card ?? OTHER_CARD;
    const integrated = watts <= 30;
    return {
      watts: integrated ? watts : watts * LOADED + HOST,
      class: name,
      error: card === undefined ? ERROR.unknown : ERROR.known,
    };
  }
  const processor = known(PROCESSORS, cpu);
  const { name, watts } = processor ?? OTHER;
  return {
    watts: watts * Math.max(1, threads),
    class: `${name} processor`,
    error: processor === undefined ? ERROR.unknown : ERROR.known,
  };
}

/**
 * Where nothing counts: the time of the work by what a machine of this class takes.
 * @param threads that decode now: the engine tries how many are best
 * @param tick monotonic milliseconds
 */
export function estimateSource(
  { cpu, gpu, threads }: Omit<Machine, 'threads'> & { threads: () => number },
  tick: () => number,
): EnergySource {
  const power = () => classPower({ cpu, gpu, threads: threads() });
  const info: SourceInfo = {
    name: 'estimate',
    get detail() {
      const { watts, class: name } = power();
      const each = gpu === null ? ` of ${counted(threads(), 'thread')}` : '';
      return `${name}${each}: ${Math.round(watts * 10) / 10} W while it works`;
    },
    error: power().error,
    stepMs: 0,
  };
  const sum = new PowerIntegral();
  return {
    info,
    read() {
      const at = tick();
      return Promise.resolve({ at, joules: sum.take(at, power().watts) });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
