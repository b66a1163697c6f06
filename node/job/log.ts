import { messageOf } from '../../feeds/base/mod.ts';
import { within } from './clock.ts';
import type { JobDeps } from './deps.ts';

/** What an attempt wrote into the own `jobs` log. */
export interface Logged {
  /** Bytes of the `settle` record, if there was anything to settle. */
  settle: Uint8Array | null;
  /** Indices in the log; null where nothing was written. */
  jobIndex: number | null;
  settleIndex: number | null;
  warnings: string[];
}

/** Writes beside the stream: a slow or broken log costs a warning, never the answer. */
export class AttemptLog {
  readonly #deps: Required<Pick<JobDeps, 'feeds' | 'clock' | 'rules'>>;
  readonly #warnings: string[] = [];
  #job: Promise<number | null> | null = null;

  constructor(deps: Required<Pick<JobDeps, 'feeds' | 'clock' | 'rules'>>) {
    this.#deps = deps;
  }

  /** True once the attempt's `job` is being written. */
  get begun(): boolean {
    return this.#job !== null;
  }

  /** Begins to write the attempt's `job`. */
  job(bytes: Uint8Array): void {
    this.#job ??= this.#append('job', bytes);
  }

  /** Writes the `settle` after the `job`. */
  async settle(bytes: Uint8Array): Promise<Logged> {
    const jobIndex = await (this.#job ?? Promise.resolve(null));
    const settleIndex = await this.#append('settle', bytes);
    return { settle: bytes, jobIndex, settleIndex, warnings: this.#warnings };
  }

  async #append(what: string, bytes: Uint8Array): Promise<number | null> {
    const { feeds, clock, rules: { logMs } } = this.#deps;
    try {
      const written = await within(clock, logMs, feeds.append('jobs', [bytes]), null);
      if (written !== null) return written.index;
      this.#warnings.push(`${what} not logged within ${logMs} ms`);
    } catch (thrown) {
      this.#warnings.push(`${what} not logged: ${messageOf(thrown)}`);
    }
    return null;
  }
}
