import { sleep, toHex } from '../../feeds/base/mod.ts';
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
  node: NodeOptions;
  engine: Engine;
  serving: ServingModels;
  logs: OwnLogs;
  bus: EventBus;
}

/** What a node measures of its own engine, and claims. */
export class OwnMeasuring {
  readonly #options: OwnMeasuringOptions;
  readonly #idleness: Idleness;
  readonly #onFigures: (figures: OwnFigures) => void;
  readonly #book = new OwnBook();

  constructor(
    options: OwnMeasuringOptions,
    idleness: Idleness,
    onFigures: (figures: OwnFigures) => void,
  ) {
    this.#options = options;
    this.#idleness = idleness;
    this.#onFigures = onFigures;
  }

  get all(): OwnBook['all'] {
    return this.#book.all;
  }

  /** Measures a model, a full one for minutes, and keeps what comes of it. */
  run(model: LoadedModel, isFull: boolean, signal: AbortSignal) {
    const plan = isFull ? fullPlan(model, FULL_MS) : quickPlan(model, PROBE_POLICY.quickMs);
    return this.#run(model, plan, signal);
  }

  /** Measures whatever is served here and was not measured yet, while nobody's job is here. */
  async keepUp(signal: AbortSignal): Promise<void> {
    const { serving, node } = this.#options;
    if (node.settings.fingerprint.value === 'off') return;
    await sleep(PROBE_POLICY.settleMs, signal);
    while (!signal.aborted) {
      for (const { loaded } of serving.all) {
        if (!this.#book.wants(loaded, Date.now(), PROBE_POLICY.ownEveryMs)) continue;
        const runs = this.run(loaded, false, signal);
        while (!(await runs.next()).done) { /* its figures are kept at its end */ }
      }
      await this.#claim();
      await sleep(LOOK_MS, signal);
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
      policy: PROBE_POLICY,
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

  async #claim(): Promise<void> {
    const { logs, node } = this.#options;
    for (const figures of this.#book.unlogged) {
      await logs.append('artifacts', [encodeRecord(figuresRecord(node.network.id, figures))]);
      this.#book.logged(figures);
    }
  }
}
