import type { Salted } from '../../feeds/records/mod.ts';
import type { TopkBuilder } from '../job/mod.ts';
import type { BuiltTopk, Candidates, FromBuilder, ToBuilder } from '../payloads/mod.ts';

type Built = FromBuilder['built'];

/**
 * The thread that builds top-k trees beside the token streams. It is started with the first attempt
 * that needs it, and never waited for: what it has not finished in time goes without.
 */
export class TopkThread implements Disposable {
  #worker: Worker | null = null;
  #lost = false;
  #next = 0;
  readonly #waiting = new Map<number, (built: Built) => void>();

  /** Starts it ahead of the first attempt: loading takes about a second. */
  warm(): void {
    if (this.#worker !== null || this.#lost) return;
    const worker = new Worker(new URL('../payloads/worker.ts', import.meta.url), {
      type: 'module',
    });
    worker.onmessage = ({ data: { id, built } }: MessageEvent<FromBuilder>) => {
      this.#waiting.get(id)?.(built);
    };
    worker.onerror = (event) => {
      // Unhandled, it would end this process.
      event.preventDefault();
      this.#lost = true;
      this[Symbol.dispose]();
    };
    this.#worker = worker;
  }

  /** A builder for one attempt; null where there is no thread. */
  open(of: Salted, from: number): TopkBuilder | null {
    this.warm();
    const worker = this.#worker;
    if (worker === null) return null;
    const id = this.#next++;
    const tell = (message: ToBuilder): void => worker.postMessage(message);
    const all: Candidates[] = [];
    tell({ op: 'open', id, of, from });
    return {
      push: (candidates) => {
        all.push(candidates);
        tell({ op: 'push', id, candidates });
      },
      finish: async (): Promise<BuiltTopk | null> => {
        const built = await new Promise<Built>((resolve) => {
          this.#waiting.set(id, resolve);
          if (this.#worker === null) resolve(null);
          else tell({ op: 'finish', id });
        });
        this.#waiting.delete(id);
        return built && { ...built, candidates: all };
      },
      drop: () => {
        this.#waiting.get(id)?.(null);
        if (this.#worker !== null) tell({ op: 'drop', id });
      },
    };
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const resolve of [...this.#waiting.values()]) resolve(null);
  }
}
