import { NexusError } from '../../feeds/base/mod.ts';
import { Turning } from './counter.ts';
import type { Absence, EnergySource, SourceInfo } from './types.ts';

/** Where Linux shows what processors count. Source: Documentation/power/powercap of the kernel. */
export const POWERCAP = '/sys/class/powercap';

/** Reads files of one folder: some processes may, others may not. */
export interface FolderReader extends AsyncDisposable {
  /** Names in the folder. @throws an error with a `code` such as `ENOENT` */
  list(): Promise<string[]>;
  /**
   * Texts of files, by their paths in the folder, all at once.
   * @throws an error with a `code` such as `EACCES`
   */
  read(paths: readonly string[]): Promise<string[]>;
}

/** A counter of the processor. */
interface Zone {
  folder: string;
  name: string;
  /** Microjoules at which it begins again. */
  range: number;
}

/** `intel-rapl:0`, and `intel-rapl:0:2` within it; AMD's go by the same name. */
const PACKAGE = /^intel-rapl:\d{1,3}$/, PART = /^(intel-rapl:\d{1,3}):\d{1,3}$/;
const MAX_ZONES = 64;
/** Against meters at the wall: Khan and others, RAPL in Action, ACM TOMPECS 2018. */
const ERROR = 0.05;
/** It moves once a millisecond. */
const STEP_MS = 1;
/** Root may read it alone since CVE-2020-8694: fine readings give away what others compute. */
const MEND = `sudo chmod a+r ${POWERCAP}/intel-rapl:*/energy_uj`;

/**
 * The energy counters of all processor packages, and of the memory beside them.
 * @param tick monotonic milliseconds
 * @returns why there is none, where there is none
 */
export async function raplSource(
  reader: FolderReader,
  tick: () => number,
): Promise<EnergySource | Absence> {
  try {
    const zones = await findZones(reader);
    if (zones.length === 0) return absent('the processor shows no energy counter');
    const source = new Rapl(reader, zones, tick);
    await source.read();
    return source;
  } catch (thrown) {
    const { code } = (thrown instanceof NexusError ? thrown.cause : thrown) as { code?: unknown };
    if (code === 'EACCES' || code === 'EPERM') {
      return absent(`only root may read ${POWERCAP}/*/energy_uj`, MEND);
    }
    if (code === 'ENOENT') {
      return absent('the processor shows no energy counter (virtual machines mostly hide it)');
    }
    return absent(`its counter cannot be read: ${String(code ?? thrown).slice(0, 80)}`);
  }
}

async function findZones(reader: FolderReader): Promise<Zone[]> {
  const names = (await reader.list()).filter((name) => PACKAGE.test(name) || PART.test(name));
  const zones: Zone[] = [];
  for (const folder of names.sort().slice(0, MAX_ZONES)) {
    const [name = '', range = ''] = await reader.read([
      `${folder}/name`,
      `${folder}/max_energy_range_uj`,
    ]);
    // A package has its cores and its graphics in it, not its memory; one of several dies has a zone a die.
    const counts = PACKAGE.test(folder) ? /^package-\d+(-die-\d+)?$/ : /^dram$/;
    if (!counts.test(name.trim())) continue;
    zones.push({ folder, name: name.trim(), range: microjoules(range) + 1 });
  }
  return zones;
}

class Rapl implements EnergySource {
  readonly info: SourceInfo;
  readonly #reader: FolderReader;
  readonly #paths: string[];
  readonly #turning: Turning;
  readonly #tick: () => number;

  constructor(reader: FolderReader, zones: readonly Zone[], tick: () => number) {
    this.#reader = reader;
    this.#paths = zones.map(({ folder }) => `${folder}/energy_uj`);
    this.#turning = new Turning(zones.map(({ range }) => range));
    this.#tick = tick;
    const names = [...new Set(zones.map(({ name }) => name))].join(', ');
    this.info = { name: 'rapl', detail: `processor: ${names}`, error: ERROR, stepMs: STEP_MS };
  }

  async read() {
    try {
      const texts = await this.#reader.read(this.#paths);
      const joules = this.#turning.take(texts.map(microjoules)) / 1e6;
      return { at: this.#tick(), joules };
    } catch (cause) {
      throw new NexusError('ENERGY_UNREADABLE', 'the energy counter cannot be read', {
        hint: 'see nexus doctor',
        cause,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }
}

function microjoules(text: string): number {
  const digits = text.trim();
  if (!/^\d{1,16}$/.test(digits)) throw new NexusError('ENERGY_UNREADABLE', 'not a counter');
  return Number(digits);
}

function absent(reason: string, mend: string | null = null): Absence {
  return { name: 'rapl', reason, mend };
}
