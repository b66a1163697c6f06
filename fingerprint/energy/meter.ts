import { Attribution } from './share.ts';
import type { EnergySource, JobEnergy } from './types.ts';

/** Time as a meter sees it. */
export interface MeterClock {
  /** Monotonic milliseconds. */
  tick(): number;
  /** Calls back once after `ms`; the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** How often it is read while somebody works, milliseconds. */
const EVERY_MS = 250;
/** A source that takes longer than this has failed; the first time it has to be found. */
const PATIENCE_MS = 1000, FIRST_PATIENCE_MS = 3000;

/** Follows the energy of one job; nothing here waits for anything. */
export interface JobMeter {
  /** One output token more. */
  token(): void;
  /**
   * The work is over. Resolves to what it took, null where that could not be read; never rejects.
   * @param promptTokens that were evaluated
   */
  end(promptTokens: number): Promise<JobEnergy | null>;
}

/** Reads a source while jobs work, and tells each of them its part. */
export class EnergyMeter {
  readonly #source: Promise<EnergySource>;
  readonly #clock: MeterClock;
  readonly #attribution = new Attribution();
  #reading: Promise<boolean> | null = null;
  /** When it was first read. */
  #began: number | null = null;
  #cancel: (() => void) | null = null;

  /** @param source may take its time: what ran before its first reading is less certain */
  constructor(source: Promise<EnergySource>, clock: MeterClock) {
    this.#source = source;
    this.#clock = clock;
    source.catch(() => {});
  }

  /** A job begins its work. @param profile id of what it decodes */
  begin(profile: string): JobMeter {
    const clock = this.#clock, attribution = this.#attribution;
    const began = clock.tick();
    let tokens = 0, ended = false;
    // What was used before is nobody's.
    const first = attribution.busy ? Promise.resolve(true) : this.#read();
    const job = attribution.begin(profile, began);
    this.#wait();
    return {
      token: () => {
        if (ended) return;
        tokens++;
        attribution.token(job, clock.tick());
      },
      end: async (promptTokens) => {
        const now = clock.tick();
        ended = true;
        attribution.end(job, now);
        const read = await first && await this.#readAgain();
        const { prompt, output } = attribution.of(job, true);
        if (!read) return null;
        const { info } = await this.#source;
        const ms = now - began;
        // An estimate needs no reading.
        const missed = info.stepMs === 0 ? 0 : info.stepMs + Math.max(0, this.#began! - began);
        const error = Math.min(1, info.error + (ms > 0 ? missed / ms : 1));
        const outputTokens = Math.max(0, tokens - 1);
        return { source: info.name, error, prompt, output, promptTokens, outputTokens, ms };
      },
    };
  }

  /** A reading that begins now: one that is under way began before. */
  async #readAgain(): Promise<boolean> {
    await this.#reading;
    return await this.#read();
  }

  /** Reads the source; one reading at a time serves all that wait. */
  #read(): Promise<boolean> {
    return this.#reading ??= this.#readNow().finally(() => this.#reading = null);
  }

  async #readNow(): Promise<boolean> {
    let cancel = (): void => {};
    const late = new Promise<null>((resolve) => {
      const patience = this.#began === null ? FIRST_PATIENCE_MS : PATIENCE_MS;
      cancel = this.#clock.after(patience, () => resolve(null));
    });
    try {
      const reading = await Promise.race([this.#source.then((source) => source.read()), late]);
      if (reading === null) return false;
      this.#attribution.take(reading);
      this.#began ??= reading.at;
      return true;
    } catch {
      return false;
    } finally {
      cancel();
    }
  }

  #wait(): void {
    this.#cancel ??= this.#clock.after(EVERY_MS, () => {
      this.#cancel = null;
      if (!this.#attribution.busy) return;
      void this.#read();
      this.#wait();
    });
  }
}
