import { NexusError } from '../../feeds/base/mod.ts';
import { productOf, sharedFor } from './cpu.ts';
import type { Product } from './product.ts';
import type { RawChallenge } from './types.ts';

/** Threads that compute one product together; they outlive it, for starting them takes longer. */
export class Threads {
  readonly count: number;
  #workers: Worker[] = [];

  constructor(count: number) {
    this.count = count;
  }

  /** @throws {NexusError} `RAW_FAILED`, or the signal's reason */
  async multiply(challenge: RawChallenge, signal: AbortSignal): Promise<Product> {
    signal.throwIfAborted();
    while (this.#workers.length < this.count) {
      this.#workers.push(
        new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
      );
    }
    const shared = sharedFor(challenge);
    let abort = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        let left = this.count;
        abort = () => reject(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
        for (const worker of this.#workers) {
          worker.onmessage = () => --left === 0 && resolve();
          worker.onerror = (event) => {
            event.preventDefault();
            reject(
              new NexusError('RAW_FAILED', `the product failed: ${event.message}`, {
                hint: 'give the probe more memory, or ask for less',
              }),
            );
          };
          worker.postMessage({ challenge, shared });
        }
      });
    } catch (thrown) {
      // They would go on for nobody.
      this.close();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return productOf(challenge, shared);
  }

  close(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
  }
}
