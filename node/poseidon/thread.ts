import { NexusError } from '../../feeds/base/mod.ts';
import type { TreeAnswer, TreeAnswers, TreeTask } from './trees.ts';

/** Builds trees, one task after the other. */
export interface TreeThread extends Disposable {
  ask<T extends TreeTask>(task: T): Promise<TreeAnswers[T['type']]>;
}

/** Tasks that wait at once, at most. */
const MAX_WAITING = 64;

/** A thread of its own, started with the first task: loading takes about a second. */
export class TreeWorker implements TreeThread {
  #worker: Worker | null = null;
  #over = false;
  /** In the order of their tasks, which is that of the answers. */
  readonly #waiting: PromiseWithResolvers<TreeAnswer>[] = [];

  /** @throws {NexusError} `TREES_STOPPED`, `TREES_BUSY` */
  async ask<T extends TreeTask>(task: T): Promise<TreeAnswers[T['type']]> {
    if (this.#over) throw stopped();
    if (this.#waiting.length >= MAX_WAITING) {
      throw new NexusError('TREES_BUSY', 'too many trees are being built at once', {
        hint: 'ask again in a moment',
      });
    }
    const answer = Promise.withResolvers<TreeAnswer>();
    this.#waiting.push(answer);
    (this.#worker ??= this.#start()).postMessage(task);
    return await answer.promise as TreeAnswers[T['type']];
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.splice(0)) reject(stopped());
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<TreeAnswer>) => {
      this.#waiting.shift()?.resolve(data);
    };
    worker.onerror = (event) => {
      // Unhandled, it would end this process.
      event.preventDefault();
      this[Symbol.dispose]();
    };
    return worker;
  }
}

function stopped(): NexusError {
  return new NexusError('TREES_STOPPED', 'the thread that builds trees has stopped', {
    hint: 'restart the node: nexus up',
  });
}
