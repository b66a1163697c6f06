import { NexusError, toHex } from '../../feeds/base/mod.ts';
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
 * @returns null where a job is here, or came in between
 * @throws {NexusError} `NO_FIGURES` where too few runs came to an end; what the engine says, and the
 * reason of `signal`
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
  if (interrupt.aborted) return null;
  const figures = ownFigures(runs, model, tick() - from, now());
  if (figures !== null) return figures;
  const seconds = Math.round(plan.budgetMs / 1000);
  throw new NexusError('NO_FIGURES', `too little of an answer came within ${seconds} s`, {
    hint: 'see what else takes the time of the machine, or try a smaller model',
    stage: 'fingerprint',
  });
}

/** After the first failure, milliseconds; twice as long after each further one. */
const AGAIN_MS = 60_000;

/** What did not work, and when it may be tried again. */
interface Failure {
  count: number;
  until: number;
  error: NexusError;
}

type Loaded = Pick<LoadedModel, 'profileId' | 'class'>;

/** The newest figures of oneself by profile, and which of them the log has. */
export class OwnBook {
  readonly #figures = new Map<string, OwnFigures>();
  readonly #logged = new Set<string>();
  /** By profile and class. */
  readonly #failures = new Map<string, Failure>();

  get all(): OwnFigures[] {
    return [...this.#figures.values()];
  }

  keep(figures: OwnFigures): void {
    this.#figures.set(toHex(figures.profile), figures);
    this.#logged.delete(toHex(figures.profile));
    this.#failures.delete(nameOf(figures.profile, figures.class));
  }

  /** A try has failed: the next one waits, `everyMs` at most. */
  failed(
    { profileId, class: kind }: Loaded,
    error: NexusError,
    now: number,
    everyMs: number,
  ): void {
    const name = nameOf(profileId, kind), count = this.#failures.get(name)?.count ?? 0;
    const until = now + Math.min(everyMs, AGAIN_MS * 2 ** count);
    this.#failures.set(name, { count: count + 1, until, error });
  }

  /** Why there are no newer figures; null where the last try came to its end. */
  failureOf({ profileId, class: kind }: Loaded): NexusError | null {
    return this.#failures.get(nameOf(profileId, kind))?.error ?? null;
  }

  /** Whether this model, as it is loaded now, is to be measured. */
  wants({ profileId, class: kind }: LoadedModel, now: number, everyMs: number): boolean {
    if (this.#waits(profileId, kind, now)) return false;
    const figures = this.#figures.get(toHex(profileId));
    return figures === undefined || toHex(figures.class) !== toHex(kind) ||
      now - figures.at > everyMs;
  }

  /** Those that no log has yet, and whose writing has not just failed. */
  unlogged(now: number): OwnFigures[] {
    return this.all.filter(({ profile, class: kind }) =>
      !this.#logged.has(toHex(profile)) && !this.#waits(profile, kind, now)
    );
  }

  logged({ profile, class: kind }: OwnFigures): void {
    this.#logged.add(toHex(profile));
    this.#failures.delete(nameOf(profile, kind));
  }

  #waits(profile: Uint8Array, kind: Uint8Array, now: number): boolean {
    return now < (this.#failures.get(nameOf(profile, kind))?.until ?? -Infinity);
  }
}

function nameOf(profile: Uint8Array, kind: Uint8Array): string {
  return `${toHex(profile)}/${toHex(kind)}`;
}
