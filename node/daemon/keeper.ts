import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import { defaultSources, type Model, type ModelStore, pullModel } from '../models/mod.ts';
import type { PullNote } from '../models/mod.ts';
import type { Where } from '../router/mod.ts';
import type { AnnouncedProfile } from './announcement.ts';
import type { Directory, Serving } from './directory.ts';
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
  /** True where only one's own machines are peers. */
  isPrivate: boolean;
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
   * the mesh serves where the prompt may go there, else the default one. In an open network that is
   * never a model that this machine does not know: anybody can announce anything.
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
      return await this.#whatIsServed(signal) ?? preferred;
    }
    try {
      return await store.resolve(name);
    } catch (thrown) {
      if (where === 'local' || asNexusError(thrown).code !== 'MODEL_UNKNOWN') throw thrown;
      const named = directory.offerings().filter(({ offering }) => isCalled(offering, name));
      if (named.length === 0) throw thrown;
      return await this.#announced(oneProfile(named, name), signal);
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
    return await serving.load(await this.pull(model, signal, tell), signal);
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

  /** Makes the weights present. */
  async pull(
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

  async #whatIsServed(signal: AbortSignal): Promise<Model | null> {
    const { store, directory, isPrivate } = this.#options;
    const offerings = directory.offerings();
    for (const { offering } of offerings) {
      const known = await store.get(offering.id);
      if (known !== null) return known;
    }
    const first = offerings[0];
    if (first === undefined || !isPrivate) return null;
    return await this.#announced(directory.serving(first.offering.id), signal);
  }

  /** @param serving peers that serve one profile */
  async #announced(serving: readonly Serving[], signal: AbortSignal): Promise<Model> {
    const { store } = this.#options;
    const known = await store.get(serving[0]!.offering.id);
    if (known !== null) return known;
    const feeds = await this.#options.feeds()!;
    return await fetchVocabulary(serving, store, feeds, { signal });
  }
}

/** By its name, or the first digits of its id. */
function isCalled({ name, id }: AnnouncedProfile, wanted: string): boolean {
  return name === wanted || (/^[0-9a-f]{6,64}$/.test(wanted) && toHex(id).startsWith(wanted));
}

/** A name is a claim: where two profiles bear it, which one is meant is not for us to say. */
function oneProfile(named: readonly Serving[], wanted: string): readonly Serving[] {
  const ids = [...new Set(named.map(({ offering }) => toHex(offering.id)))];
  if (ids.length === 1) return named;
  const shown = ids.slice(0, 8).map((id) => id.slice(0, 16)).join(', ');
  throw new NexusError('MODEL_AMBIGUOUS', `peers call ${ids.length} different models ${wanted}`, {
    hint: `give the first digits of its id: ${shown}`,
  });
}
