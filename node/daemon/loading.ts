import { asNexusError } from '../../feeds/base/mod.ts';
import type { EventBus } from './events.ts';
import type { ModelKeeper } from './keeper.ts';
import type { ServedModel } from './serving.ts';

/**
 * Loads models. One that cannot be had is told as an event; it is an error only if none is left.
 * @param names of models; empty: the default one
 * @param stopping tells whether the node stops: what fails because of that is not why it stops
 */
export async function loadModels(
  keeper: ModelKeeper,
  bus: EventBus,
  names: readonly string[],
  signal: AbortSignal,
  stopping: () => boolean,
): Promise<ServedModel[]> {
  const tell = (event: { type: string }) => bus.emit('model', { ...event });
  if (names.length === 0) return [await keeper.defaultWeights(signal, tell)];
  const served: ServedModel[] = [];
  let failure: unknown;
  for (const name of names) {
    try {
      const model = await keeper.choose(name, 'any', signal);
      served.push(await keeper.weights(model, signal, tell));
    } catch (thrown) {
      signal.throwIfAborted();
      if (stopping()) throw thrown;
      failure = thrown;
      bus.emit('error', { model: name, ...asNexusError(thrown).toJSON() });
    }
  }
  if (served.length === 0) throw failure;
  return served;
}
