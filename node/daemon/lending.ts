import { asNexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { encodeRecord } from '../../feeds/records/mod.ts';
import type { Engine } from '../engine/mod.ts';
import { JOB_PROTOCOL, type JobServer } from '../job/mod.ts';
import type { ModelStore } from '../models/mod.ts';
import { label } from '../network/mod.ts';
import { Announcer } from './announcer.ts';
import type { EventBus } from './events.ts';
import { hardwareName } from './machine.ts';
import type { EngineMemory } from './memory.ts';
import { proveExactness } from './proving.ts';
import { idOf, type ServingModels } from './serving.ts';

export interface LendingOptions {
  feeds: Feeds;
  engine: Engine;
  store: ModelStore;
  serving: ServingModels;
  jobs: JobServer;
  memory: EngineMemory;
  bus: EventBus;
  /** How the machine calls itself; empty where strangers listen. */
  name: string;
  maxTokens: number;
  /** An announcement counts for this long. */
  ttlMs: number;
}

/** What makes a node an executor for others: log entry, announcement, job channels, files. */
export class Lending implements Disposable {
  readonly #options: LendingOptions;
  readonly #hardware: string;
  readonly #announcer: Announcer;
  readonly #proving: Disposable;

  private constructor(options: LendingOptions, hardware: string) {
    const { feeds, engine, serving, jobs, memory, bus, maxTokens, ttlMs } = options;
    this.#options = options;
    this.#hardware = hardware;
    this.#announcer = new Announcer({
      feeds,
      jobs,
      served: () => serving.all,
      name: options.name,
      hardware,
      maxTokens,
      ttlMs,
      onError: (thrown) => bus.emit('error', { ...asNexusError(thrown).toJSON() }),
    });
    this.#proving = proveExactness({ engine, serving, memory, bus });
  }

  /** Offers what is loaded. */
  static async start(options: LendingOptions): Promise<Lending> {
    const { feeds, engine, jobs } = options;
    const hardware = await hardwareName(engine);
    await logOffer(options, hardware);
    feeds.serve(JOB_PROTOCOL, (channel) => jobs.handle(channel));
    const lending = new Lending(options, hardware);
    lending.changed();
    lending.#share();
    return lending;
  }

  /** Load or models changed: peers are told. */
  changed(): void {
    this.#announcer.changed();
  }

  /** Prices or models changed: that is logged too, and files of new models are shared. */
  async relist(): Promise<void> {
    this.changed();
    this.#share();
    await logOffer(this.#options, this.#hardware);
  }

  /** Tells peers whether jobs are wanted. */
  async draining(on: boolean): Promise<void> {
    await this.#announcer.draining(on);
  }

  [Symbol.dispose](): void {
    this.#proving[Symbol.dispose]();
    this.#announcer[Symbol.dispose]();
  }

  /** Files of the models become blobs, so that peers can fetch them; nobody waits for it. */
  async #share(): Promise<void> {
    const { feeds, store, serving, bus } = this.#options;
    for (const served of serving.all) {
      if (served.blobs !== null) continue;
      try {
        const files = await store.files(idOf(served.model));
        if (files?.weights == null) continue;
        const vocabulary = await feeds.share(files.vocabulary);
        served.blobs = { vocabulary, weights: await feeds.share(files.weights) };
        this.changed();
      } catch (thrown) {
        bus.emit('error', { ...asNexusError(thrown).toJSON() });
      }
    }
  }
}

/** The log says what was offered from now on. */
async function logOffer(
  { feeds, serving, maxTokens }: LendingOptions,
  hardware: string,
): Promise<void> {
  const offerings = serving.all.map(({ model, loaded, price }) => ({
    profile: loaded.profileId,
    name: label(model.entry.name),
    price,
    class: loaded.class,
  }));
  const slots = Math.max(1, ...serving.all.map(({ loaded }) => loaded.slots));
  const at = Date.now();
  await feeds.append('artifacts', [
    encodeRecord({ type: 'capability', offerings, slots, maxTokens, hardware, at }),
  ]);
}
