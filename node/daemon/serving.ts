import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Served, TokenCosts } from '../job/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import type { Model, ModelStore } from '../models/mod.ts';

/** Blob cores of a model's files. */
export interface ModelBlobs {
  vocabulary: Uint8Array;
  weights: Uint8Array;
}

/** A model whose weights are in memory. */
export interface ServedModel {
  model: Model;
  loaded: LoadedModel;
  /** micro-NCU an output token. */
  price: number;
  blobs: ModelBlobs | null;
}

export interface ServingOptions {
  engine: Engine;
  store: ModelStore;
  /** What to ask for an output token now, micro-NCU. @param profile id */
  priceOf: (profile: Uint8Array) => number;
  /** In which proportion a profile's tokens cost; null: only output tokens cost anything. */
  costsOf: (profile: Uint8Array) => TokenCosts | null;
  /** Output tokens of one job, at most. */
  maxTokens: number;
  /** A model is about to be loaded, and one is there. */
  onLoading: () => void;
  onLoaded: () => void;
}

/** The models that this node's engine has in memory: what it can decode now. */
export class ServingModels {
  readonly #options: ServingOptions;
  readonly #served = new Map<string, ServedModel>();
  readonly #loading = new Map<string, Promise<ServedModel>>();

  constructor(options: ServingOptions) {
    this.#options = options;
  }

  get all(): ServedModel[] {
    return [...this.#served.values()];
  }

  get(profileId: Uint8Array): ServedModel | undefined {
    return this.#served.get(toHex(profileId));
  }

  /** Asks what is to be asked now; jobs that were taken keep their price. True if any has changed. */
  reprice(): boolean {
    let changed = false;
    for (const served of this.#served.values()) {
      const price = this.#options.priceOf(served.loaded.profileId);
      changed ||= price !== served.price;
      served.price = price;
    }
    return changed;
  }

  /** Name of a loaded model; null where it is not loaded. @param profile id in hexadecimal */
  nameOf(profile: string): string | null {
    return this.#served.get(profile)?.model.entry.name ?? null;
  }

  /** The engine measured a model's threads, which may have changed its class. */
  changed(loaded: LoadedModel): void {
    const served = this.get(loaded.profileId);
    if (served !== undefined) served.loaded = loaded;
  }

  /** As the executor checks offers against it. */
  get offerings(): Served[] {
    return this.all.map(({ loaded, price }) => ({
      profile: loaded.profileId,
      class: loaded.class,
      price,
      costs: this.#options.costsOf(loaded.profileId),
      contextSize: loaded.contextSize,
      maxTokens: Math.min(this.#options.maxTokens, loaded.contextSize),
      slots: loaded.slots,
    }));
  }

  /**
   * Loads a model whose weights are on this machine; one that is loaded costs nothing.
   * @throws {NexusError} `MODEL_ABSENT`, or what the engine says of a bad file
   */
  load(model: Model, signal?: AbortSignal): Promise<ServedModel> {
    const there = this.#served.get(model.id);
    if (there !== undefined) return Promise.resolve(there);
    let loading = this.#loading.get(model.id);
    if (loading === undefined) {
      loading = this.#load(model, signal).finally(() => this.#loading.delete(model.id));
      this.#loading.set(model.id, loading);
    }
    return loading;
  }

  async #load(model: Model, signal: AbortSignal | undefined): Promise<ServedModel> {
    const { engine, store, onLoading } = this.#options;
    const { profile, name } = model.entry;
    onLoading();
    const files = await store.files(idOf(model));
    if (files === null || files.weights === null) {
      throw new NexusError('MODEL_ABSENT', `the weights of ${name} are not on this machine`, {
        hint: `fetch them: nexus models pull ${name}`,
      });
    }
    const options = signal === undefined ? { weights: true } : { weights: true, signal };
    const loaded = await engine.load(profile, files, options);
    const price = this.#options.priceOf(loaded.profileId);
    const served: ServedModel = { model, loaded, price, blobs: null };
    this.#served.set(model.id, served);
    this.#options.onLoaded();
    return served;
  }
}

/** The profile id of a model, 32 bytes. */
export function idOf(model: Model): Uint8Array {
  return fromHex(model.id, 32);
}
