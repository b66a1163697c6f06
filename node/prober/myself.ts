import { toHex } from '../../feeds/base/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import { type OwnFigures, ownFigures } from './figures.ts';
import type { Idleness } from './idle.ts';
import { type OwnPlan, type OwnRun, ownRuns } from './own.ts';
import { busy, type ProbePolicy } from './schedule.ts';

export interface MyselfDeps {
  engine: Pick<Engine, 'generate'>;
  idleness: Idleness;
  policy: ProbePolicy;
  randomBytes: (length: number) => Uint8Array;
  /** Monotonic milliseconds. */
  tick: () => number;
  now: () => number;
}

/**
 * Measures one's own engine with a model. A job that comes ends it at once.
 * @returns null where a job came in between, or too few runs came to an end
 * @throws what the engine says, and the reason of `signal`
 */
export async function* measureMyself(
  model: LoadedModel,
  plan: OwnPlan,
  deps: MyselfDeps,
  signal: AbortSignal,
): AsyncGenerator<OwnRun, OwnFigures | null, void> {
  const { idleness, tick, now, policy } = deps;
  const interrupt = idleness.interrupted, from = tick();
  if (busy(idleness.now, policy) !== null) return null;
  const runs: OwnRun[] = [];
  const both = AbortSignal.any([signal, interrupt]);
  for await (const run of ownRuns(plan, { ...deps, model }, both)) {
    runs.push(run);
    yield run;
  }
  signal.throwIfAborted();
  return interrupt.aborted ? null : ownFigures(runs, model, tick() - from, now());
}

/** The newest figures of oneself by profile, and which of them the log has. */
export class OwnBook {
  readonly #figures = new Map<string, OwnFigures>();
  readonly #logged = new Set<string>();

  get all(): OwnFigures[] {
    return [...this.#figures.values()];
  }

  keep(figures: OwnFigures): void {
    this.#figures.set(toHex(figures.profile), figures);
    this.#logged.delete(toHex(figures.profile));
  }

  /** Whether this model, as it is loaded now, is to be measured. */
  wants({ profileId, class: kind }: LoadedModel, now: number, everyMs: number): boolean {
    const figures = this.#figures.get(toHex(profileId));
    return figures === undefined || toHex(figures.class) !== toHex(kind) ||
      now - figures.at > everyMs;
  }

  /** Those that no log has yet. */
  get unlogged(): OwnFigures[] {
    return this.all.filter(({ profile }) => !this.#logged.has(toHex(profile)));
  }

  logged({ profile }: OwnFigures): void {
    this.#logged.add(toHex(profile));
  }
}
