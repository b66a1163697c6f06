import { toHex } from '../../feeds/base/mod.ts';
import type { LoadedModel, ProcessEngine } from '../engine/mod.ts';
import type { EventBus } from './events.ts';
import type { EngineMemory } from './memory.ts';

/** Tells an engine's events on the bus, and keeps what is to be known at the next start. */
export async function followEngine(
  engine: ProcessEngine,
  bus: EventBus,
  memory: EngineMemory,
  onCalibrated: (model: LoadedModel) => void,
): Promise<void> {
  for await (const event of engine.events) {
    const { type, ...fields } = event;
    bus.emit(
      `engine-${type}`,
      event.type === 'calibrated'
        ? { profile: toHex(event.model.profileId), threads: event.threads }
        : { ...fields },
    );
    if (event.type === 'calibrated') onCalibrated(event.model);
    await memory.learn(event).catch(() => {});
  }
}
