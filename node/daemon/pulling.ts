import { Broadcast } from '../../feeds/base/mod.ts';
import type { Model } from '../models/mod.ts';
import type { ModelEvent } from './keeper.ts';
import { type RunEvent, shownModelEvent } from './runner.ts';

/** A step of a pull as its caller sees it; `pulled` is the last one. */
export type PullEvent =
  | RunEvent
  | { event: 'pulled'; model: string; profile: string; served: boolean };

/**
 * Tells of a pull while it goes on.
 * @param pull fetches the model, and serves it where that is wished
 */
export async function* tellPull(
  pull: (tell: (event: ModelEvent) => void) => Promise<{ model: Model; served: boolean }>,
): AsyncGenerator<PullEvent, void, void> {
  const steps = new Broadcast<ModelEvent>();
  const done = pull((event) => steps.emit(event)).finally(() => steps.close());
  done.catch(() => {}); // told below
  for await (const step of steps) {
    const shown = shownModelEvent(step);
    if (shown !== null) yield shown;
  }
  const { model, served } = await done;
  yield { event: 'pulled', model: model.entry.name, profile: model.id, served };
}
