import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Served } from '../job/mod.ts';
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
  /** micro-NCU a token. */
  price: number;
  blobs: ModelBlobs | null;
}

export interface ServingOptions {
  engine: Engine;
  store: ModelStore;
  price: number;
  /** Output tokens of one job, at most. */
  maxTokens: number;
  onLoaded: () => void;
}

/** The models that this node's engine has in memory: what it can decode now. */
export class ServingModels {
  readonly #options: ServingOptions;
  #price: number;
  readonly #served = new Map<string, ServedModel>();
  readonly #loading = new Map<string, Promise<ServedModel>>();

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#price = options.price;
  }

  get all(): ServedModel[] {
    return [...this.#served.values()];
  }

  get(profileId: Uint8Array): ServedModel | undefined {
    return this.#served.get(toHex(profileId));
  }

  /** From now on, micro-NCU a token, of all models. Jobs that were taken keep theirs. */
  reprice(price: number): void {
    this.#price = price;
    for (const served of this.#served.values()) served.price = price;
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
    const { engine, store } = this.#options;
    const { profile, name } = model.entry;
    const files = await store.files(idOf(model));
    if (files === null || files.weights === null) {
      throw new NexusError('MODEL_ABSENT', `the weights of ${name} are not on this machine`, {
        hint: `fetch them: nexus models pull ${name}`,
      });
    }
    const options = signal === undefined ? { weights: true } : { weights: true, signal };
    const loaded = await engine.load(profile, files, options);
    const served: ServedModel = { model, loaded, price: this.#price, blobs: null };
    this.#served.set(model.id, served);
    this.#options.onLoaded();
    return served;
  }
}

/** The profile id of a model, 32 bytes. */
export function idOf(model: Model): Uint8Array {
  return fromHex(model.id, 32);
}
