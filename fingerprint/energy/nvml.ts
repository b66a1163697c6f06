import { NexusError } from '../../feeds/base/mod.ts';
import { PowerIntegral, Turning } from './counter.ts';
import type { Absence, EnergySource, SourceInfo } from './types.ts';

/** One answer of NVML's process. A card has either counter or power; neither where it is asleep. */
export interface NvmlSample {
  /** Millijoules since the driver was loaded, of each card that counts them. */
  energy: number[];
  /** Milliwatts, of each card that only tells its power. */
  power: number[];
  /** Names of all cards. */
  names: string[];
}

/** What asks NVML: a process of its own, or a test. */
export interface NvmlReader extends AsyncDisposable {
  /** @throws {NexusError} */
  sample(): Promise<NvmlSample>;
}

/** Of board power, by NVIDIA. Of sampled power: means over a part of the time that is not told. */
const ERRORS = { counter: 0.05, power: 0.1 };
/** How often the drivers of most cards renew their figures. */
const STEP_MS = 100;
const MAX_CARDS = 64;

/** The energy of all NVIDIA cards. @param tick monotonic milliseconds */
export async function nvmlSource(
  reader: NvmlReader,
  tick: () => number,
): Promise<EnergySource | Absence> {
  try {
    const first = parseSample(await reader.sample());
    if (first.energy.length + first.power.length > 0) return new Nvml(reader, first, tick);
    await reader[Symbol.asyncDispose]();
    return absent('no NVIDIA card tells its energy or its power');
  } catch (thrown) {
    await reader[Symbol.asyncDispose]();
    const { message } = thrown as Error;
    return absent(`NVML does not answer: ${message.slice(0, 120)}`);
  }
}

class Nvml implements EnergySource {
  readonly info: SourceInfo;
  readonly #reader: NvmlReader;
  readonly #tick: () => number;
  readonly #cards: number;
  /** One whose driver was loaded again begins at 0. */
  readonly #energy: Turning;
  readonly #power = new PowerIntegral();

  constructor(reader: NvmlReader, { energy, power, names }: NvmlSample, tick: () => number) {
    this.#reader = reader;
    this.#tick = tick;
    this.#cards = energy.length;
    this.#energy = new Turning(energy.map(() => null));
    this.#energy.take(energy);
    const how = power.length === 0 ? 'energy counter' : 'sampled power';
    const error = power.length === 0 ? ERRORS.counter : ERRORS.power;
    const detail = `${how} of ${[...new Set(names)].join(', ').slice(0, 80)}`;
    this.info = { name: 'nvml', detail, error, stepMs: STEP_MS };
  }

  async read() {
    const asked = this.#tick();
    const { energy, power } = parseSample(await this.#reader.sample());
    const at = (asked + this.#tick()) / 2;
    if (energy.length !== this.#cards) {
      throw new NexusError('ENERGY_UNREADABLE', 'another number of cards answers than before', {
        hint: 'start the node again',
      });
    }
    const watts = power.reduce((sum, one) => sum + one, 0) / 1000;
    return { at, joules: this.#energy.take(energy) / 1000 + this.#power.take(at, watts) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }
}

/** @throws {NexusError} `ENERGY_UNREADABLE` */
function parseSample(value: unknown): NvmlSample {
  const { energy, power, names } = (value ?? {}) as Partial<Record<keyof NvmlSample, unknown>>;
  const amounts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.length <= MAX_CARDS &&
    list.every((one) => Number.isSafeInteger(one) && one >= 0);
  const texts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.length <= MAX_CARDS && list.every((one) => typeof one === 'string');
  if (!amounts(energy) || !amounts(power) || !texts(names)) {
    throw new NexusError('ENERGY_UNREADABLE', 'NVML says what is no sample');
  }
  return { energy, power, names };
}

function absent(reason: string): Absence {
  return { name: 'nvml', reason, mend: null };
}
