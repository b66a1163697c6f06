import { asNexusError, type NexusError, sleep, toHex } from '../../feeds/base/mod.ts';
import { encodeRecord } from '../../feeds/records/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import { randomBytes } from '../home/mod.ts';
import {
  figuresRecord,
  fullPlan,
  type Idleness,
  measureMyself,
  OwnBook,
  type OwnFigures,
  type OwnPlan,
  type OwnRun,
  PROBE_POLICY,
  type ProbePolicy,
  quickPlan,
} from '../prober/mod.ts';
import type { EventBus } from './events.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import type { ServingModels } from './serving.ts';

/** How often is looked whether there is something to measure, milliseconds. */
const LOOK_MS = 1000;
/** Of the context, for a full measurement. */
const FULL_MS = 120_000;

export interface OwnMeasuringOptions {
  node: {
    settings: { fingerprint: Pick<NodeOptions['settings']['fingerprint'], 'value'> };
    network: Pick<NodeOptions['network'], 'id'>;
  };
  engine: Pick<Engine, 'generate'>;
  serving: Pick<ServingModels, 'all' | 'nameOf'>;
  logs: Pick<OwnLogs, 'append'>;
  bus: Pick<EventBus, 'emit'>;
}

/** What a node measures of its own engine, and claims. */
export class OwnMeasuring {
  readonly #options: OwnMeasuringOptions;
  readonly #idleness: Idleness;
  readonly #onFigures: (figures: OwnFigures) => void;
  readonly #onFailure: (error: NexusError) => void;
  readonly #policy: ProbePolicy;
  readonly #book = new OwnBook();

  constructor(
    options: OwnMeasuringOptions,
    idleness: Idleness,
    told: { figures: (figures: OwnFigures) => void; failure: (error: NexusError) => void },
    policy: ProbePolicy = PROBE_POLICY,
  ) {
    this.#options = options;
    this.#idleness = idleness;
    this.#onFigures = told.figures;
    this.#onFailure = told.failure;
    this.#policy = policy;
  }

  get all(): OwnBook['all'] {
    return this.#book.all;
  }

  /** What keeps a model that is served here from being measured and claimed; null: nothing. */
  get failure(): NexusError | null {
    for (const { loaded } of this.#options.serving.all) {
      const error = this.#book.failureOf(loaded);
      if (error !== null) return error;
    }
    return null;
  }

  /** Measures a model, a full one for minutes, and keeps what comes of it. */
  run(model: LoadedModel, isFull: boolean, signal: AbortSignal) {
    const plan = isFull ? fullPlan(model, FULL_MS) : quickPlan(model, this.#policy.quickMs);
    return this.#run(model, plan, signal);
  }

  /**
   * Measures whatever is served here and was not measured yet, while nobody's job is here. What fails
   * is tried again, later each time.
   */
  async keepUp(signal: AbortSignal): Promise<void> {
    const { serving, node } = this.#options;
    const { settleMs, ownEveryMs } = this.#policy;
    if (node.settings.fingerprint.value === 'off') return;
    await sleep(settleMs, signal);
    while (!signal.aborted) {
      for (const { loaded } of serving.all) {
        if (!this.#book.wants(loaded, Date.now(), ownEveryMs)) continue;
        await this.#try(loaded, signal, async () => {
          const runs = this.run(loaded, false, signal);
          while (!(await runs.next()).done) { /* its figures are kept at its end */ }
        });
      }
      for (const figures of this.#book.unlogged(Date.now())) {
        const { profile: profileId, class: kind } = figures;
        await this.#try({ profileId, class: kind }, signal, () => this.#claim(figures));
      }
      await sleep(LOOK_MS, signal);
    }
  }

  async #try(
    of: Parameters<OwnBook['failed']>[0],
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (signal.aborted) return;
      const error = asNexusError(thrown);
      this.#book.failed(of, error, Date.now(), this.#policy.ownEveryMs);
      this.#onFailure(error);
    }
  }

  async *#run(
    model: LoadedModel,
    plan: OwnPlan,
    signal: AbortSignal,
  ): AsyncGenerator<OwnRun, OwnFigures | null, void> {
    const deps = {
      engine: this.#options.engine,
      idleness: this.#idleness,
      policy: this.#policy,
      randomBytes,
      tick: () => performance.now(),
      now: Date.now,
    };
    const figures = yield* measureMyself(model, plan, deps, signal);
    if (figures !== null) this.#keep(figures);
    return figures;
  }

  #keep(figures: OwnFigures): void {
    const { bus, serving } = this.#options;
    this.#book.keep(figures);
    this.#onFigures(figures);
    const { prefill, decode, streams, streamRate, context, ms } = figures;
    bus.emit('figures', {
      profile: toHex(figures.profile),
      model: serving.nameOf(toHex(figures.profile)),
      prefill: prefill.median,
      decode: decode.median,
      streams,
      streamRate,
      context,
      ms: Math.round(ms),
    });
  }

  async #claim(figures: OwnFigures): Promise<void> {
    const { logs, node } = this.#options;
    await logs.append('artifacts', [encodeRecord(figuresRecord(node.network.id, figures))]);
    this.#book.logged(figures);
  }
}
