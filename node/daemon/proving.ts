import { toHex } from '../../feeds/base/mod.ts';
import type { Engine } from '../engine/mod.ts';
import type { EngineMemory } from './memory.ts';
import type { EventBus } from './events.ts';
import type { ServingModels } from './serving.ts';

/** A node that has just come up has better things to do. */
const FIRST_MS = 20_000;
/** The next try where somebody's job came in between. */
const AGAIN_MS = 60_000;

/**
 * Proves, once a build and settings, that prefill and decode of the served models are bit-equal
 * here, while nobody waits; the result is remembered, and told as an event.
 */
export function proveExactness(
  engine: Engine,
  serving: ServingModels,
  memory: EngineMemory,
  bus: EventBus,
): Disposable {
  let timer = setTimeout(prove, FIRST_MS);
  let ended = false;
  async function prove() {
    let open = false;
    for (const { loaded } of serving.all) {
      if (memory.isTested(loaded.class) || ended) continue;
      const result = await engine.selfTest(loaded.profileId).catch(() => null);
      if (result === null || result.passed === null) {
        open = true;
        continue;
      }
      await memory.tested(result.class, result).catch(() => {});
      const { passed, compared, different, lengths } = result;
      const profile = toHex(loaded.profileId);
      bus.emit('selftest', {
        profile,
        class: toHex(result.class),
        passed,
        compared,
        different,
        lengths,
      });
      if (passed) serving.changed({ ...loaded, class: result.class, determinism: 'exact' });
    }
    if (open && !ended) timer = setTimeout(prove, AGAIN_MS);
  }
  return {
    [Symbol.dispose]() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
