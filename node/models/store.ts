import { realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import { cleanText, type Profile, profileFromJson, profileId } from '../../feeds/records/mod.ts';
import { makeFolder, stampOf } from './files.ts';
import { findModel, settleEntry } from './find.ts';
import { readGguf } from './gguf.ts';
import { type IndexProblem, ModelIndex } from './index.ts';
import {
  entryId,
  type Model,
  type ModelEntry,
  type ModelFiles,
  modelNameOf,
  NO_SOURCES,
} from './model.ts';
import { makeProfile, type ProfileOptions } from './profile.ts';
import { type KnownModel, readTable, SHIPPED } from './table.ts';
import { readVocabulary, Vocabularies } from './vocabularies.ts';
import { vocabularyOf } from './vocabulary.ts';
import { checkFetched, checkStored, linkInto, placeWeights } from './weights.ts';

export interface StoreOptions {
  /** The folder that ships with the program; for tests. */
  shipped?: URL;
}

/**
 * The models of one home: `models/entries/<name>.json`, weights beside them as `<name>.gguf`,
 * vocabularies as `vocabulary/<sha256>.gguf`, unfinished things in `partial/`.
 */
export class ModelStore {
  /** `$NEXUS_HOME/models`. */
  readonly folder: string;
  readonly #index: ModelIndex;
  readonly #vocabularies: Vocabularies;
  readonly #shipped: URL;
  #table: Promise<KnownModel[]> | null = null;

  constructor(home: string, options: StoreOptions = {}) {
    this.folder = join(home, 'models');
    this.#index = new ModelIndex(join(this.folder, 'entries'));
    this.#vocabularies = new Vocabularies(join(this.folder, 'vocabulary'));
    this.#shipped = options.shipped ?? SHIPPED;
  }

  /** Folder for what is being fetched of a file. */
  partial(profile: Profile): string {
    return join(this.folder, 'partial', toHex(profile.file).slice(0, 16));
  }

  /** All models: those of the table first, then the others by name. No file is hashed. */
  async list(): Promise<Model[]> {
    const { entries } = await this.#index.read();
    const known = await this.#known();
    const models = known.map((k) => {
      const own = entries.get(k.entry.name);
      const same = own !== undefined && entryId(own) === entryId(k.entry);
      return this.#describe({ ...k.entry, weights: same ? own.weights : null }, k);
    });
    const others = [...entries.values()].filter((entry) =>
      !known.some((k) => k.entry.name === entry.name)
    );
    return await Promise.all([...models, ...others.map((entry) => this.#describe(entry, null))]);
  }

  /** Entries of the folder that cannot be read. */
  async problems(): Promise<IndexProblem[]> {
    return (await this.#index.read()).problems;
  }

  /**
   * A model by its name or the beginning (6 digits or more) of its id.
   * @throws {NexusError} `MODEL_UNKNOWN`, `MODEL_AMBIGUOUS`
   */
  async resolve(nameOrId: string): Promise<Model> {
    return findModel(await this.list(), nameOrId);
  }

  /** The model of a profile, if this machine knows it. */
  async get(profileId: Uint8Array): Promise<Model | null> {
    const id = toHex(profileId);
    return (await this.list()).find((model) => model.id === id) ?? null;
  }

  /**
   * Paths for the engine, checked to be what the profile says; null where nothing is here.
   * Weights are hashed again only when their size or time changed.
   * @throws {NexusError} `MODEL_HASH_MISMATCH`
   */
  async files(profileId: Uint8Array): Promise<ModelFiles | null> {
    const model = await this.get(profileId);
    if (model === null) return null;
    const weights = await this.verify(model);
    const vocabulary = await this.#vocabulary(model, weights);
    return vocabulary === null ? null : { weights, vocabulary };
  }

  /**
   * Vouches for a model's weights: by their size and time, else by hashing them again.
   * @returns their path; null where they are absent
   * @throws {NexusError} `MODEL_HASH_MISMATCH`
   */
  async verify({ entry, embedded, path }: Model): Promise<string | null> {
    if (embedded || path === null) return path;
    const weights = await checkStored(entry, path);
    if (weights !== null) await this.#index.write({ ...entry, weights });
    return path;
  }

  /**
   * Adds a GGUF file: linked into the model folder, or copied from another disk.
   * @param options.name wanted; else made of the file's name
   * @param options.hub address that it came from
   * @throws {NexusError} what {@link makeProfile} throws
   */
  async add(
    path: string,
    options: ProfileOptions & { name?: string | undefined; hub?: string } = {},
  ): Promise<Model> {
    const source = await realpath(path).catch(() => path);
    const { profile, info, vocabulary } = await makeProfile(source, options);
    const entry = await this.#settle({
      name: modelNameOf(options.name ?? basename(path)),
      title: cleanText(info.name ?? modelNameOf(basename(path)), 80),
      about: '',
      licence: null,
      profile,
      parameters: info.parameters,
      kvBytesPerToken: info.kvBytesPerToken,
      sources: { ...NO_SOURCES, hub: options.hub ?? null },
      weights: null,
    });
    await this.#vocabularies.put(profile, vocabulary, path);
    const present = await this.get(profileId(profile));
    if (present?.embedded) return present;
    return await this.#place(entry, await linkInto(this.folder, entry, source));
  }

  /**
   * Takes a complete file into the folder as the model's weights, after checking its hash.
   * `part` is moved; a wrong one is deleted.
   * @throws {NexusError} `MODEL_HASH_MISMATCH`
   */
  async adopt(
    entry: ModelEntry,
    part: string,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<Model> {
    await checkFetched(entry, part, options.signal);
    await makeFolder(this.folder);
    return await this.#place(entry, part);
  }

  /**
   * Keeps a vocabulary that came from a peer, with the profile that it belongs to.
   * @param profileJson the profile in its JSON form, from anybody
   * @param path the file that came; it is copied
   * @param name what the peer calls the model
   * @throws {NexusError} `MODEL_HASH_MISMATCH`, `MODEL_NOT_GGUF`, `PROFILE_BAD_JSON`, `RECORD_*`
   */
  async importVocabulary(profileJson: unknown, path: string, name = 'model'): Promise<Model> {
    const profile = profileFromJson(profileJson);
    const { bytes, info } = await readVocabulary(profile, path);
    await this.#vocabularies.put(profile, bytes, path);
    const entry = await this.#settle({
      name: modelNameOf(name),
      title: modelNameOf(name),
      about: '',
      licence: null,
      profile,
      parameters: 0,
      kvBytesPerToken: info.kvBytesPerToken,
      sources: NO_SOURCES,
      weights: null,
    });
    await this.#index.write(entry);
    return await this.resolve(entry.name);
  }

  /**
   * Deletes a model's files. One of the table stays listed, as absent.
   * @returns the model as it was, and the bytes that its weights took
   * @throws {NexusError} `MODEL_UNKNOWN`, `MODEL_AMBIGUOUS`, `MODEL_EMBEDDED`
   */
  async remove(nameOrId: string): Promise<{ model: Model; freed: number }> {
    const model = await this.resolve(nameOrId);
    const { name, profile } = model.entry;
    if (model.embedded) {
      throw new NexusError('MODEL_EMBEDDED', `${name} is part of the program`, {
        hint: 'it takes 4 MB and needs no care',
      });
    }
    const freed = model.path === null ? 0 : (await stampOf(model.path))?.size ?? 0;
    if (model.path !== null) await rm(model.path, { force: true });
    await this.#index.remove(name);
    await rm(this.partial(profile), { recursive: true, force: true });
    const rest = await this.list();
    const shared = rest.some((m) => equalBytes(m.entry.profile.vocabulary, profile.vocabulary));
    if (!shared) await this.#vocabularies.remove(profile);
    return { model, freed };
  }

  #known(): Promise<KnownModel[]> {
    return this.#table ??= readTable(this.#shipped);
  }

  async #settle(entry: ModelEntry): Promise<ModelEntry> {
    return settleEntry(entry, (await this.list()).map((model) => model.entry));
  }

  async #describe(entry: ModelEntry, known: KnownModel | null): Promise<Model> {
    const base = { entry, id: entryId(entry), known: known !== null };
    if (known?.file) return { ...base, embedded: true, state: 'ready', path: known.file };
    const path = entry.weights === null ? null : join(this.folder, entry.weights.file);
    const found = path === null ? null : await stampOf(path);
    if (found === null) return { ...base, embedded: false, state: 'absent', path: null };
    const state = found.size === entry.profile.size ? 'ready' : 'damaged';
    return { ...base, embedded: false, state, path };
  }

  async #place(entry: ModelEntry, part: string): Promise<Model> {
    await this.#index.write({ ...entry, weights: await placeWeights(this.folder, entry, part) });
    return await this.resolve(entry.name);
  }

  async #vocabulary({ entry }: Model, weights: string | null): Promise<string | null> {
    const { profile } = entry;
    if (await this.#vocabularies.has(profile)) return this.#vocabularies.path(profile);
    const known = (await this.#known()).find((k) => entryId(k.entry) === entryId(entry));
    const bytes = await known?.vocabulary() ??
      (weights === null ? null : vocabularyOf(await readGguf(weights)));
    return bytes && await this.#vocabularies.put(profile, bytes, weights ?? entry.name);
  }
}
