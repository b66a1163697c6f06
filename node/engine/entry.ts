import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Profile, profileId } from '../../feeds/records/mod.ts';
import type { Backend, LayeredModel, Vocabulary } from './backend.ts';
import { determinismClass } from './determinism.ts';
import type { Mutex } from './mutex.ts';
import { Scheduler } from './scheduler.ts';
import type { LoadedModel, ModelFiles, Threads } from './types.ts';

/** A loaded model with all that belongs to it. */
export interface Entry {
  profile: Profile;
  vocabulary: Vocabulary;
  /** Both null where only the vocabulary is loaded. */
  model: LayeredModel | null;
  scheduler: Scheduler | null;
  loaded: LoadedModel;
  /** True once its threads are measured, or were given. */
  calibrated: boolean;
  dispose: () => Promise<void>;
}

/** How sessions and threads of a model are chosen. */
export interface EntryOptions {
  threads?: Threads;
  calibrated?: Readonly<Record<string, Threads>>;
  maxSlots: number;
  scoreShare: number;
  sessionBytes: number;
  now: () => number;
}

export async function loadVocabulary(
  backend: Backend,
  profile: Profile,
  files: ModelFiles,
  signal: AbortSignal,
): Promise<Entry> {
  const vocabulary = await backend.vocabulary(files.vocabulary, signal);
  return {
    profile,
    vocabulary,
    model: null,
    scheduler: null,
    loaded: {
      profileId: profileId(profile),
      weights: false,
      layers: null,
      contextSize: profile.contextSize,
      vocabularySize: vocabulary.size,
      endTokens: [],
      slots: 0,
      threads: 0,
      class: new Uint8Array(32),
      determinism: 'tolerant',
    },
    calibrated: true,
    dispose: async () => await vocabulary[Symbol.asyncDispose](),
  };
}

/** @throws {NexusError} `MODEL_NOT_FOUND` without weights, and what the backend says of the file */
export async function loadWeights(
  backend: Backend,
  options: EntryOptions,
  turn: Mutex,
  profile: Profile,
  files: ModelFiles,
  signal: AbortSignal,
): Promise<Entry> {
  if (files.weights === null) {
    throw new NexusError('MODEL_NOT_FOUND', 'the weights of this model are not on this machine', {
      hint: 'pull it with `nexus models pull`',
    });
  }
  const { vocabulary, model } = await backend.model(profile, files.weights, signal);
  const id = profileId(profile);
  const threads = options.threads ?? options.calibrated?.[toHex(id)];
  if (threads !== undefined) model.threads = threads;
  const fitting = Math.floor(options.sessionBytes / Math.max(1, model.sessionBytes));
  const slots = Math.max(1, Math.min(options.maxSlots, fitting));
  const { contextSize } = profile;
  const { now } = options;
  const loaded: LoadedModel = {
    profileId: id,
    weights: true,
    layers: model.layers,
    contextSize,
    vocabularySize: vocabulary.size,
    endTokens: endsOf(vocabulary),
    slots,
    threads: model.threads.batch,
    class: determinismClass(await backend.facts(), model.threads, profile),
    determinism: 'tolerant',
  };
  return {
    profile,
    vocabulary,
    model,
    scheduler: new Scheduler(model, vocabulary, {
      contextSize,
      maxSlots: slots,
      scoreShare: options.scoreShare,
      now,
      turn,
    }),
    loaded,
    calibrated: threads !== undefined,
    dispose: () => model.dispose(),
  };
}

/** Nothing tells them but asking for each. */
function endsOf(vocabulary: Vocabulary): number[] {
  const ends: number[] = [];
  for (let id = 0; id < vocabulary.size; id++) if (vocabulary.isEnd(id)) ends.push(id);
  return ends;
}
