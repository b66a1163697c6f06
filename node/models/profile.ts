import { NexusError, sha256 } from '../../feeds/base/mod.ts';
import type { Profile } from '../../feeds/records/mod.ts';
import { type OnProgress, sameStamp, sha256File, stampOf } from './files.ts';
import { type GgufInfo, readGguf } from './gguf.ts';
import { demandVocabulary, templateHash, tokenizerHash, vocabularyOf } from './vocabulary.ts';

/** Version of the sampler's specification that profiles are made for. */
const SAMPLER = 'nexus/gumbel-int/1';
/** Candidates per position. */
const TOP_K = 32;
/** Tokens of context unless the owner wants more: what a small machine bears. */
const DEFAULT_CONTEXT = 2048;

/** A profile with what belongs to it. */
export interface MadeProfile {
  profile: Profile;
  info: GgufInfo;
  /** The tensor-less GGUF. */
  vocabulary: Uint8Array;
}

export interface ProfileOptions {
  /** Tokens; the smaller of what the model declares and 2048 by default. */
  contextSize?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Progress of hashing the file. */
  onProgress?: OnProgress | undefined;
}

/**
 * Makes the profile of a GGUF file: reads its metadata, then hashes all of it.
 * @throws {NexusError} `MODEL_NOT_FOUND`, `MODEL_NOT_GGUF`, `MODEL_TRUNCATED`, `MODEL_SPLIT`,
 * `MODEL_NO_WEIGHTS`, `MODEL_NO_VOCABULARY`, `MODEL_BAD_CONTEXT`, `MODEL_CHANGED`
 */
export async function makeProfile(
  path: string,
  options: ProfileOptions = {},
): Promise<MadeProfile> {
  const before = await stampOf(path);
  const info = await readGguf(path);
  demandWhole(info, path);
  demandVocabulary(info, path);
  const contextSize = chooseContext(info.contextLength, options.contextSize);
  const file = await sha256File(path, options);
  if (!sameStamp(before, await stampOf(path))) {
    throw new NexusError('MODEL_CHANGED', `${path} changed while it was read`, {
      hint: 'wait until it is complete, then try again',
    });
  }
  const vocabulary = vocabularyOf(info);
  const profile: Profile = {
    version: 1,
    kind: 'text',
    file,
    size: info.fileSize,
    architecture: info.architecture,
    quantisation: info.quantisation,
    chatTemplate: templateHash(info),
    tokenizer: tokenizerHash(info),
    vocabulary: sha256(vocabulary),
    contextSize,
    kvType: 'f16',
    flashAttention: true,
    sampler: SAMPLER,
    topK: TOP_K,
    parent: null,
    adapters: [],
    layers: null,
  };
  return { profile, info, vocabulary };
}

function chooseContext(declared: number, wanted: number | undefined): number {
  const most = declared > 0 ? declared : DEFAULT_CONTEXT;
  if (wanted === undefined) return Math.min(most, DEFAULT_CONTEXT);
  if (Number.isSafeInteger(wanted) && wanted >= 16 && wanted <= most) return wanted;
  throw new NexusError('MODEL_BAD_CONTEXT', `a context of ${wanted} tokens is not possible`, {
    hint: `choose a whole number from 16 to ${most}`,
  });
}

/** A file without its tensors, or one piece of several, cannot be run. */
function demandWhole(info: GgufInfo, path: string): void {
  const pieces = info.entries.get('split.count')?.value;
  if (typeof pieces === 'number' && pieces > 1) {
    throw new NexusError('MODEL_SPLIT', `${path} is one of ${pieces} pieces of a model`, {
      hint: 'join the pieces first: llama-gguf-split --merge <first piece> <whole file>',
    });
  }
  if (info.tensors.length === 0) {
    throw new NexusError('MODEL_NO_WEIGHTS', `${path} is a vocabulary file: it has no weights`, {
      hint: 'give the file of the whole model',
    });
  }
}
