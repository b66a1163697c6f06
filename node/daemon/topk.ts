import type { Salted } from '../../feeds/records/mod.ts';
import type { TopkBuilder } from '../job/mod.ts';
import type { BuiltTree, Candidates, TopkResult, TopkTask } from '../payloads/mod.ts';

/** Trees that wait at once, at most: what comes beyond goes without. */
const MAX_WAITING = 64;

/**
 * The thread that builds top-k trees, each once its tokens are delivered: built beside the stream it
 * would take cores from the decoding. What it has not finished in time goes without.
 */
export class TopkThread implements Disposable {
  #worker: Worker | null = null;
  #over = false;
  #next = 0;
  readonly #waiting = new Map<number, (tree: BuiltTree | null) => void>();

  /** Starts it ahead of the first attempt: loading takes about a second. */
  warm(): void {
    if (this.#worker !== null || this.#over) return;
    const worker = new Worker(new URL('../payloads/worker.ts', import.meta.url), {
      type: 'module',
    });
    worker.onmessage = ({ data: { id, tree } }: MessageEvent<TopkResult>) => {
      this.#waiting.get(id)?.(tree);
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
        const tree = await this.#build({ id: this.#next++, of, from, candidates });
        return tree && { ...tree, candidates };
      },
    };
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#worker?.terminate();
    this.#worker = null;
    for (const resolve of this.#waiting.values()) resolve(null);
  }

  async #build(task: TopkTask): Promise<BuiltTree | null> {
    if (this.#worker === null || this.#waiting.size >= MAX_WAITING) return null;
    this.#worker.postMessage(task);
    try {
      return await new Promise((resolve) => this.#waiting.set(task.id, resolve));
    } finally {
      this.#waiting.delete(task.id);
    }
  }
}
