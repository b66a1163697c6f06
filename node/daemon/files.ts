import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Feeds, Progress } from '../../feeds/client/mod.ts';
import { type Profile, profileId, profileToJson } from '../../feeds/records/mod.ts';
import { MAX_VOCABULARY_BYTES, type Model, type ModelStore } from '../models/mod.ts';
import type { Directory, Serving } from './directory.ts';

/** How a file is fetched from a peer. */
export interface FetchOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Fetches the weights of a profile from peers that serve it; the caller checks the hash. */
export async function fetchWeights(
  profile: Profile,
  to: string,
  directory: Directory,
  feeds: Pick<Feeds, 'fetch'>,
  options: FetchOptions,
): Promise<void> {
  const serving = directory.serving(profileId(profile));
  await firstOf(serving, 'weights', to, feeds, { ...options, maxBytes: profile.size });
}

/** Fetches the vocabulary of an announced profile and keeps it: enough to be a requester of it. */
export async function fetchVocabulary(
  serving: readonly Serving[],
  store: ModelStore,
  feeds: Pick<Feeds, 'fetch'>,
  options: FetchOptions,
): Promise<Model> {
  const { profile, name } = serving[0]!.offering;
  const to = `${store.folder}/vocabulary-${toHex(profile.vocabulary).slice(0, 16)}.part`;
  await Deno.mkdir(store.folder, { recursive: true });
  try {
    const bounded = { ...options, maxBytes: MAX_VOCABULARY_BYTES };
    await firstOf(serving, 'vocabulary', to, feeds, bounded);
    return await store.importVocabulary(profileToJson(profile), to, name);
  } finally {
    await Deno.remove(to).catch(() => {});
  }
}

/** Equal files have one core, so one key stands for all who have it; others are tried in turn. */
async function firstOf(
  serving: readonly Serving[],
  file: 'weights' | 'vocabulary',
  to: string,
  feeds: Pick<Feeds, 'fetch'>,
  options: FetchOptions & { maxBytes: number },
): Promise<void> {
  const cores = new Map<string, Uint8Array>();
  for (const { offering } of serving) {
    const core = offering.blobs?.[file];
    if (core !== undefined) cores.set(toHex(core), core);
  }
  let cause: unknown;
  for (const core of cores.values()) {
    try {
      return await feeds.fetch(core, to, options);
    } catch (thrown) {
      options.signal?.throwIfAborted();
      cause = thrown;
    }
  }
  throw new NexusError('MODEL_NO_PEERS', 'no connected peer offers the file', {
    hint: 'start a node that serves the model: nexus up -m <model>',
    cause,
  });
}
