import { NexusError } from '../../feeds/base/mod.ts';
import { grown, PowerIntegral } from './counter.ts';
import type { Absence, EnergySource, SourceInfo } from './types.ts';

/** One answer of NVML's process: of each card either counter or power; neither where it is asleep. */
export interface NvmlSample {
  /** Millijoules since the driver was loaded; null where a card does not count them now. */
  energy: (number | null)[];
  /** Milliwatts, of a card that only tells its power. */
  power: (number | null)[];
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
    if (tells(first)) return new Nvml(reader, first, tick);
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
  /** Last value of each card's counter; null where it had none yet. */
  readonly #energy: (number | null)[];
  readonly #power = new PowerIntegral();
  #millijoules = 0;

  constructor(reader: NvmlReader, { energy, power, names }: NvmlSample, tick: () => number) {
    this.#reader = reader;
    this.#tick = tick;
    this.#energy = [...energy];
    const counts = power.every((one) => one === null);
    const how = counts ? 'energy counter' : 'sampled power';
    const error = counts ? ERRORS.counter : ERRORS.power;
    const telling = names.filter((_, i) => energy[i] !== null || power[i] !== null);
    const detail = `${how} of ${[...new Set(telling)].join(', ').slice(0, 80)}`;
    this.info = { name: 'nvml', detail, error, stepMs: STEP_MS };
  }

  async read() {
    const asked = this.#tick();
    const sample = parseSample(await this.#reader.sample());
    const at = (asked + this.#tick()) / 2;
    if (sample.names.length !== this.#energy.length || !tells(sample)) {
      throw new NexusError('ENERGY_UNREADABLE', 'other cards answer than before, or none', {
        hint: 'see nexus doctor',
      });
    }
    for (const [i, now] of sample.energy.entries()) {
      // What sleeps goes on counting where it was; one whose driver was loaded again begins at 0.
      if (now === null) continue;
      this.#millijoules += grown(this.#energy[i] ?? now, now, null);
      this.#energy[i] = now;
    }
    const watts = sample.power
      .reduce<number>((sum, one, i) => sum + (this.#energy[i] === null ? one ?? 0 : 0), 0) / 1000;
    return { at, joules: this.#millijoules / 1000 + this.#power.take(at, watts) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }
}

/** @throws {NexusError} `ENERGY_UNREADABLE` */
function parseSample(value: unknown): NvmlSample {
  const { energy, power, names } = (value ?? {}) as Partial<Record<keyof NvmlSample, unknown>>;
  const amounts = (list: unknown): list is (number | null)[] =>
    Array.isArray(list) && list.length <= MAX_CARDS &&
    list.every((one) => one === null || Number.isSafeInteger(one) && one >= 0);
  const texts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.length <= MAX_CARDS && list.every((one) => typeof one === 'string');
  const are = amounts(energy) && amounts(power) && texts(names);
  if (!are || energy.length !== names.length || power.length !== names.length) {
    throw new NexusError('ENERGY_UNREADABLE', 'NVML says what is no sample');
  }
  return { energy, power, names };
}

/** Some card says something. */
function tells({ energy, power }: NvmlSample): boolean {
  return [...energy, ...power].some((one) => one !== null);
}

function absent(reason: string): Absence {
  return { name: 'nvml', reason, mend: null };
}
