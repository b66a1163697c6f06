import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { asNexusError, equalBytes, NexusError } from '../../feeds/base/mod.ts';
import { orCancelled } from './cancel.ts';
import { makeFolder, type OnProgress, sha256File, stampOf } from './files.ts';
import { acquireLock } from '../home/mod.ts';
import type { Model, ModelEntry } from './model.ts';
import { formatBytes } from './progress.ts';
import type { ModelSource } from './source.ts';
import type { ModelStore } from './store.ts';
import { linkInto, prunePartial } from './weights.ts';

/** What happens while a model is pulled. */
export type PullNote =
  | { type: 'waiting' }
  | { type: 'source'; source: string }
  | { type: 'failed'; source: string; error: NexusError }
  | { type: 'checking' };

export interface PullOptions {
  /** In the order in which they are tried, after the model folder. */
  sources: readonly ModelSource[];
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  onNote?: ((note: PullNote) => void) | undefined;
}

/**
 * Makes the weights of a model present: from the model folder, else from the first source that
 * delivers a file with the right hash. Several processes may do so at once.
 * @returns the model, `ready`
 * @throws {NexusError} `MODEL_UNAVAILABLE` with each source and why it failed (the cause holds
 * their errors), `MODEL_NO_SPACE`, `CANCELLED`
 */
export async function pull(
  store: ModelStore,
  model: Model,
  options: PullOptions,
): Promise<Model> {
  const { entry } = model;
  const signal = options.signal ?? new AbortController().signal;
  const note = options.onNote ?? (() => {});
  const tried: { source: string; error: NexusError }[] = [];
  const failed = (source: string, thrown: unknown) => {
    if (signal.aborted) throw thrown;
    const error = asNexusError(thrown, 'MODEL_SOURCE_FAILED');
    tried.push({ source, error });
    note({ type: 'failed', source, error });
  };
  try {
    const there = await fromFolder(store, model).catch((thrown) => failed('model folder', thrown));
    if (there) return there;
    await using _lock = await acquireLock(`${store.partial(entry.profile)}.lock`, {
      signal,
      onWait: () => note({ type: 'waiting' }),
    });
    const meanwhile = await store.resolve(entry.name);
    if (meanwhile.state === 'ready') return meanwhile;
    await prunePartial(store.folder, Date.now());
    await demandSpace(store, entry);
    for (const source of options.sources) {
      note({ type: 'source', source: source.name });
      const folder = join(store.partial(entry.profile), source.name.replace(/\W+/g, '-'));
      try {
        return await fromSource(store, entry, source, folder, { ...options, signal, note });
      } catch (thrown) {
        failed(source.name, thrown);
      }
    }
  } catch (thrown) {
    throw orCancelled(thrown, signal, `fetching ${entry.name}`);
  }
  throw unavailable(entry, tried);
}

async function fromSource(
  store: ModelStore,
  entry: ModelEntry,
  source: ModelSource,
  folder: string,
  options: PullOptions & { signal: AbortSignal; note: (note: PullNote) => void },
): Promise<Model> {
  const { signal, note } = options;
  const part = `${folder}.part`;
  await makeFolder(folder);
  await source.fetch(entry, part, {
    signal,
    folder,
    onProgress: options.onProgress ?? (() => {}),
  });
  note({ type: 'checking' });
  try {
    const model = await store.adopt(entry, part, { signal });
    await rm(store.partial(entry.profile), { recursive: true, force: true });
    return model;
  } catch (thrown) {
    // What is left of a wrong file must not be resumed.
    if (!signal.aborted) await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}

/** The weights as they are remembered, or any file in the folder that turns out to be them. */
async function fromFolder(store: ModelStore, model: Model): Promise<Model> {
  const { entry, path } = model;
  const { profile, name } = entry;
  let wrong: unknown = new NexusError('MODEL_ABSENT', `${name} is not there`);
  try {
    if ((await store.verify(model)) !== null) return model;
  } catch (thrown) {
    // Only the folder's own name of the file goes: an original elsewhere stays.
    if (path !== null) await rm(path, { force: true });
    wrong = thrown;
  }
  for (const file of await readdir(store.folder).catch(() => [])) {
    const other = join(store.folder, file);
    if (!file.endsWith('.gguf') || (await stampOf(other))?.size !== profile.size) continue;
    if (!equalBytes(await sha256File(other), profile.file)) continue;
    return await store.adopt(entry, await linkInto(store.folder, entry, other));
  }
  throw wrong;
}

async function demandSpace(store: ModelStore, { name, profile }: ModelEntry): Promise<void> {
  const disk = await statfs(store.folder).catch(() => null);
  if (disk === null || disk.bavail * disk.bsize >= profile.size) return;
  throw new NexusError(
    'MODEL_NO_SPACE',
    `${name} needs ${formatBytes(profile.size)} in ${store.folder}, ` +
      `${formatBytes(disk.bavail * disk.bsize)} are free`,
    { hint: 'free some space, or set NEXUS_HOME to a folder on another disk' },
  );
}

function unavailable(
  { name, sources }: ModelEntry,
  tried: readonly { source: string; error: NexusError }[],
): NexusError {
  const reasons = tried.map(({ source, error }) => `${source}: ${error.message}`).join('; ');
  const file = sources.hub?.match(/[^/]+\.gguf/)?.[0] ?? 'file.gguf';
  return new NexusError('MODEL_UNAVAILABLE', `${name} could not be fetched (${reasons})`, {
    hint: `check the network, or get the file in another way and run \`nexus models add ${file}\``,
    cause: new AggregateError(tried.map(({ error }) => error), reasons),
  });
}
