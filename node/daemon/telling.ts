import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { RateMeter } from '../job/mod.ts';
import type { EventBus } from './events.ts';
import type { RunEvent } from './runner.ts';

/** What only whoever asked is told: it comes often. */
const UNTOLD = new Set(['progress', 'check']);
/** Candidates of a choice that are told; of a large mesh the best ones. */
const MAX_CANDIDATES = 16;

/**
 * Tells a node's bus of an answer as it comes, all but its text: each event with the job that it is
 * about, now and then how fast it goes, and always how it ended.
 * @param via who asked: a command of this machine, or a program through the gateway
 */
export async function* tellRun(
  events: AsyncIterable<RunEvent>,
  bus: EventBus,
  via: 'local' | 'gateway' = 'local',
  tick: () => number = () => performance.now(),
): AsyncGenerator<RunEvent, void, void> {
  const meter = new RateMeter();
  let job: unknown = null, model: unknown = null, executor: unknown = null;
  let error: NexusError | null = new NexusError('CANCELLED', 'nobody waits for the answer');
  try {
    for await (const event of events) {
      const { event: name, ...fields } = event as Record<string, unknown>;
      job = fields.job ?? job;
      if (name === 'model') model = fields.model;
      if (name === 'route') executor = fields.executor;
      if (name === 'done') {
        error = null;
        fields.via = via;
      }
      if (name === 'token') {
        const tokens = Number(fields.position) + (fields.ids as number[]).length;
        const rate = meter.take(tokens, tick());
        if (rate !== null) bus.emit('run-rate', { job, ...rate });
      } else if (!UNTOLD.has(name as string)) bus.emit(`run-${name}`, { job, ...told(fields) });
      yield event;
    }
  } catch (thrown) {
    error = asNexusError(thrown);
    throw thrown;
  } finally {
    if (error !== null) bus.emit('run-failed', { job, model, executor, via, ...error.toJSON() });
  }
}

/** What everybody who watches the node may see. */
function told(fields: Record<string, unknown>): Record<string, unknown> {
  const out = { ...fields };
  // A note's text is ours, an answer's is not.
  if ('finish' in out) out.text = null;
  if (Array.isArray(out.candidates)) out.candidates = best(out.candidates);
  return out;
}

function best<T extends { cost: number | null }>(candidates: readonly T[]): T[] {
  const cost = (one: T) => one.cost ?? Infinity;
  return [...candidates].sort((a, b) => cost(a) - cost(b) || 0).slice(0, MAX_CANDIDATES);
}
