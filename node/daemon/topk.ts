import type { Salted } from '../../feeds/records/mod.ts';
import type { TopkBuilder } from '../job/mod.ts';
import type {
  BuiltTree,
  Candidates,
  CheckResult,
  CheckTask,
  Opening,
  TopkClaim,
  TopkResult,
  TopkTask,
} from '../payloads/mod.ts';

/** Trees and checks that wait at once, at most: what comes beyond goes without. */
const MAX_WAITING = 64;

/**
 * The thread that builds and checks top-k trees, each built once its tokens are delivered: built beside the stream it
 * would take cores from the decoding. What it has not finished in time goes without.
 */
export class TopkThread implements Disposable {
  #worker: Worker | null = null;
  #over = false;
  #next = 0;
  readonly #waiting = new Map<number, (answer: TopkResult | CheckResult | null) => void>();

  /** Starts it ahead of the first attempt: loading takes about a second. */
  warm(): void {
    if (this.#worker !== null || this.#over) return;
    const worker = new Worker(new URL('../payloads/worker.ts', import.meta.url), {
      type: 'module',
    });
    worker.onmessage = ({ data }: MessageEvent<TopkResult | CheckResult>) => {
      this.#waiting.get(data.id)?.(data);
    };
    worker.onerror = (event) => {
      // Unhandled, it would end this process.
      event.preventDefault();
      this[Symbol.dispose]();
    };
    this.#worker = worker;
  }

  /** A builder for one attempt; null where there is no thread. */
  open(of: Salted, from: number): TopkBuilder | null {
    this.warm();
    if (this.#worker === null) return null;
    const candidates: Candidates[] = [];
    return {
      push: (one) => void candidates.push(one),
      finish: async () => {
        const task = { id: this.#next++, of, from, candidates };
        const tree: BuiltTree | null = (await this.#ask<TopkResult>(task))?.tree ?? null;
        return tree && { ...tree, candidates };
      },
    };
  }

  /** Those of the openings that stand under an artifact's root; none where there is no thread. */
  async check(openings: readonly Opening[], claim: TopkClaim, of: Salted): Promise<Opening[]> {
    this.warm();
    const task = { id: this.#next++, of, claim, openings };
    const checked = await this.#ask<CheckResult>(task);
    return openings.filter((_, i) => checked?.hold[i] === true);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#worker?.terminate();
    this.#worker = null;
    for (const resolve of this.#waiting.values()) resolve(null);
  }

  async #ask<T extends TopkResult | CheckResult>(task: TopkTask | CheckTask): Promise<T | null> {
    if (this.#worker === null || this.#waiting.size >= MAX_WAITING) return null;
    this.#worker.postMessage(task);
    try {
      const answer = await new Promise<TopkResult | CheckResult | null>((resolve) =>
        this.#waiting.set(task.id, resolve)
      );
      return answer as T | null;
    } finally {
      this.#waiting.delete(task.id);
    }
  }
}
