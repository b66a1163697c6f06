import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Clock, within } from './clock.ts';
import { channelId } from './offer.ts';
import type { JobRules } from './rules.ts';

/** Bytes by which an attempt is known again. */
export const ATTEMPT_NAME_BYTES = 10;

/** Keeps the names of attempts (hexadecimal) where a crash does not lose them. */
export interface AttemptStore {
  /** Those of before this process began, oldest first. */
  taken(): Promise<Iterable<string>>;
  /** Resolves once a crash of the machine does not forget it any more. */
  keep(name: string): Promise<void>;
}

/** Where nothing outlives the process. */
export const FORGETFUL: AttemptStore = {
  taken: () => Promise.resolve([]),
  keep: () => Promise.resolve(),
};

/** Name of an attempt, whatever its offer says otherwise. */
export function attemptName(job: Uint8Array, attempt: number): string {
  return toHex(channelId(job, attempt).subarray(0, ATTEMPT_NAME_BYTES));
}

/**
 * Attempts that an executor has taken: none is done twice. Two answers that it signed of one attempt
 * count against it, also where the first broke off with its process and was never logged.
 */
export class Attempts {
  readonly #store: AttemptStore;
  readonly #rules: Pick<JobRules, 'remembered' | 'logMs'>;
  readonly #clock: Clock;
  readonly #seen = new Set<string>();
  #recalled: Promise<void> | null = null;

  constructor(store: AttemptStore, rules: Pick<JobRules, 'remembered' | 'logMs'>, clock: Clock) {
    this.#store = store;
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Resolves when those of before are known; tried again where that failed. */
  recall(): Promise<void> {
    const recall = async (): Promise<void> => {
      for (const name of await this.#store.taken()) this.#add(name);
    };
    return this.#recalled ??= recall().catch((thrown) => {
      this.#recalled = null;
      throw thrown;
    });
  }

  /** @throws {NexusError} `DUPLICATE` */
  demandNew(name: string): void {
    if (!this.#seen.has(name)) return;
    throw new NexusError('DUPLICATE', 'this attempt was taken before, and is not done again', {
      stage: 'admission',
      hint: 'offer it as the next attempt of the job',
    });
  }

  /**
   * Takes one that is new.
   * @param isOwn one's own: there is nobody to whom two answers of it would matter
   * @returns resolves once it is kept: nothing of it is to be signed before; rejects, within a bound,
   * with `ATTEMPT_UNKEPT`
   */
  take(name: string, isOwn: boolean): Promise<void> {
    this.#add(name);
    return isOwn ? Promise.resolve() : this.#keep(name);
  }

  async #keep(name: string): Promise<void> {
    const { logMs } = this.#rules;
    const kept = this.#store.keep(name).then(() => true, (thrown) => thrown);
    const outcome = await within(this.#clock, logMs, kept, new Error(`not within ${logMs} ms`));
    if (outcome === true) return;
    throw new NexusError('ATTEMPT_UNKEPT', 'the executor could not take note of the attempt', {
      stage: 'decode',
      hint: 'ask another node; on this one, see whether its disk is full: nexus doctor',
      cause: outcome,
    });
  }

  #add(name: string): void {
    this.#seen.add(name);
    if (this.#seen.size <= this.#rules.remembered) return;
    this.#seen.delete(this.#seen.values().next().value!);
  }
}
