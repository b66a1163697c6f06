import { availableParallelism } from 'node:os';
import { NexusError } from '../../feeds/base/mod.ts';
import { type Cell, type Outcome, run } from './run.ts';
import { STRATEGIES } from './strategies.ts';

/** A cell as a message: a strategy is functions, and goes by its name. */
type Asked = Omit<Cell, 'strategy'> & { strategy: string | null };

/**
 * Runs histories on all cores, each in a worker of its own: they share nothing.
 * @param done called with each as it ends, in any order
 */
export async function inLanes(
  cells: readonly Cell[],
  done: (cell: Cell, outcome: Outcome) => Promise<void>,
): Promise<void> {
  const rest = [...cells];
  const lane = async () => {
    const worker = new Worker(import.meta.url, { type: 'module', name: 'lane' });
    try {
      // What is sent before it has loaded everything is lost.
      await told(worker);
      for (let cell = rest.shift(); cell !== undefined; cell = rest.shift()) {
        await done(cell, await ask(worker, cell));
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), rest.length) }, lane));
}

function ask(worker: Worker, { strategy, ...cell }: Cell): Promise<Outcome> {
  const asked: Asked = { ...cell, strategy: strategy?.name ?? null };
  worker.postMessage(asked);
  return told(worker) as Promise<Outcome>;
}

/** The next message. */
function told(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new NexusError('HISTORY_FAILED', event.message, { hint: 'this is a fault of Nexus' }));
    };
  });
}

// This module is its own worker.
const scope = globalThis as unknown as
  & { name?: string; onmessage: unknown }
  & Pick<
    Worker,
    'postMessage'
  >;
if (scope.name === 'lane') {
  scope.onmessage = async ({ data: { strategy, ...cell } }: MessageEvent<Asked>) => {
    const known = STRATEGIES.find(({ name }) => name === strategy) ?? null;
    scope.postMessage(await run({ ...cell, strategy: known }));
  };
  scope.postMessage('ready');
}
