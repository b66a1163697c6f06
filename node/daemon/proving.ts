import { toHex } from '../../feeds/base/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import type { EngineMemory } from './memory.ts';
import type { EventBus } from './events.ts';
import type { ServingModels } from './serving.ts';

/** A node that has just come up has better things to do. */
const FIRST_MS = 20_000;
/** The next try where somebody's job came in between. */
const AGAIN_MS = 60_000;

/** What proving needs. */
export interface Proving {
  engine: Engine;
  serving: ServingModels;
  memory: EngineMemory;
  bus: EventBus;
}

/**
 * Proves, once a build and settings, that prefill and decode of the served models are bit-equal
 * here, while nobody waits; the result is remembered, and told as an event.
 */
export function proveExactness(parts: Proving): Disposable {
  const { serving, memory } = parts;
  let timer = setTimeout(proveAll, FIRST_MS);
  let ended = false;
  async function proveAll() {
    let open = false;
    for (const { loaded } of serving.all) {
      if (memory.isTested(loaded.class) || ended) continue;
      if (!await prove(parts, loaded)) open = true;
    }
    if (open && !ended) timer = setTimeout(proveAll, AGAIN_MS);
  }
  return {
    [Symbol.dispose]() {
      ended = true;
      clearTimeout(timer);
    },
  };
}

/** Tests one model now. False where the time was not enough, or somebody's job came in between. */
export async function prove(
  { engine, serving, memory, bus }: Proving,
  loaded: LoadedModel,
  budgetMs?: number,
): Promise<boolean> {
  const options = budgetMs === undefined ? {} : { budgetMs };
  const result = await engine.selfTest(loaded.profileId, options).catch(() => null);
  if (result === null || result.passed === null) return false;
  await memory.tested(result.class, result).catch(() => {});
  const { passed, compared, different, lengths } = result;
  bus.emit('selftest', {
    profile: toHex(loaded.profileId),
    class: toHex(result.class),
    passed,
    compared,
    different,
    lengths,
  });
  if (passed) serving.changed({ ...loaded, class: result.class, determinism: 'exact' });
  return true;
}
