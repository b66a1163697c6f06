import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import { defaultSources, type Model, type ModelStore, pullModel } from '../models/mod.ts';
import type { PullNote } from '../models/mod.ts';
import type { Where } from '../router/mod.ts';
import type { Directory } from './directory.ts';
import { fetchVocabulary, fetchWeights } from './files.ts';
import { idOf, type ServedModel, type ServingModels } from './serving.ts';

/** Fetched on first use. */
export const DEFAULT_MODEL = 'smollm2-135m';
/** Always there. */
export const EMBEDDED_MODEL = 'austen-3.7m';

/** What is told while a model is made ready. */
export type ModelEvent =
  | { type: 'pull'; model: string; note: PullNote }
  | { type: 'progress'; model: string; done: number; total: number }
  | { type: 'fallback'; model: string; error: NexusError };

export interface KeeperOptions {
  engine: Engine;
  store: ModelStore;
  serving: ServingModels;
  directory: Directory;
  /** Null while this node is in no mesh. */
  feeds: () => Promise<Feeds> | null;
}

/** Chooses a job's model and makes of it what the job needs: its vocabulary, or its weights. */
export class ModelKeeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * The model that a prompt means. A name that this machine does not know may be one that a peer
   * announces; its vocabulary is fetched then. Without a name it is what this node serves, else what
   * the mesh serves where the prompt may go there, else the default one.
   */
  async choose(name: string | null, where: Where, signal: AbortSignal): Promise<Model> {
    const { store, serving, directory } = this.#options;
    if (name === null) {
      if (where !== 'mesh') {
        const own = serving.all.at(0);
        if (own !== undefined) return own.model;
      }
      const preferred = await store.resolve(DEFAULT_MODEL);
      if (where === 'local' || directory.serving(idOf(preferred)).length > 0) return preferred;
      const announced = directory.offerings().at(0);
      return announced === undefined
        ? preferred
        : await this.#announced(announced.offering.name, signal);
    }
    try {
      return await store.resolve(name);
    } catch (thrown) {
      if (where === 'local' || asNexusError(thrown).code !== 'MODEL_UNKNOWN') throw thrown;
      if (!directory.offerings().some(({ offering }) => offering.name === name)) throw thrown;
      return await this.#announced(name, signal);
    }
  }

  /** Loads the vocabulary: enough to ask others. */
  async vocabulary(model: Model, signal: AbortSignal): Promise<LoadedModel> {
    const { engine, store, serving } = this.#options;
    const id = idOf(model);
    const there = serving.get(id);
    if (there !== undefined) return there.loaded;
    const files = await store.files(id);
    if (files === null) {
      throw new NexusError('MODEL_ABSENT', `nothing of ${model.entry.name} is on this machine`, {
        hint: `fetch it: nexus models pull ${model.entry.name}`,
      });
    }
    return await engine.load(model.entry.profile, files, { weights: false, signal });
  }

  /** Makes the weights present and loads them. */
  async weights(
    model: Model,
    signal: AbortSignal,
    tell: (event: ModelEvent) => void,
  ): Promise<ServedModel> {
    const { serving } = this.#options;
    const there = serving.get(idOf(model));
    if (there !== undefined) return there;
    return await serving.load(await this.#pulled(model, signal, tell), signal);
  }

  /** {@link weights} of the default model, or of the embedded one if that cannot be had. */
  async defaultWeights(
    signal: AbortSignal,
    tell: (event: ModelEvent) => void,
  ): Promise<ServedModel> {
    const { store } = this.#options;
    try {
      return await this.weights(await store.resolve(DEFAULT_MODEL), signal, tell);
    } catch (thrown) {
      signal.throwIfAborted();
      tell({ type: 'fallback', model: EMBEDDED_MODEL, error: asNexusError(thrown) });
      return await this.weights(await store.resolve(EMBEDDED_MODEL), signal, tell);
    }
  }

  async #pulled(
    model: Model,
    signal: AbortSignal,
    tell: (event: ModelEvent) => void,
  ): Promise<Model> {
    if (model.state === 'ready') return model;
    const { store, directory } = this.#options;
    const feeds = this.#options.feeds();
    const fromPeers = feeds === null ? null : async (
      ...[profile, to, options]: Parameters<NonNullable<Parameters<typeof defaultSources>[0]>>
    ) => fetchWeights(profile, to, directory, await feeds, options);
    const { name } = model.entry;
    return await pullModel(store, name, {
      sources: defaultSources(fromPeers, Deno.execPath()),
      signal,
      onProgress: ({ done, total }) => tell({ type: 'progress', model: name, done, total }),
      onNote: (note) => {
        // Without a mesh there are no peers to be asked.
        const idle = feeds === null && note.type === 'source' && note.source === 'peers';
        if (!idle) tell({ type: 'pull', model: name, note });
      },
    });
  }

  async #announced(name: string, signal: AbortSignal): Promise<Model> {
    const { store, directory } = this.#options;
    const named = directory.offerings().filter(({ offering }) => offering.name === name);
    const first = named[0]!.offering.id;
    const known = await store.get(first);
    if (known !== null) return known;
    const same = named.filter(({ offering }) => offering.id.every((byte, i) => byte === first[i]));
    const feeds = await this.#options.feeds()!;
    return await fetchVocabulary(same, store, feeds, { signal });
  }
}
