import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, NexusError, sha256, toHex } from '../../feeds/base/mod.ts';
import type { Profile } from '../../feeds/records/mod.ts';
import { stampOf, writeAtomic } from './files.ts';
import { type GgufInfo, parseGguf } from './gguf.ts';
import { demandVocabulary, templateHash, tokenizerHash } from './vocabulary.ts';

/** A vocabulary from a peer may have at most this many bytes. */
export const MAX_VOCABULARY_BYTES = 256 * 2 ** 20;

/** The tensor-less GGUFs of a model folder, each named for its hash and written whole. */
export class Vocabularies {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(profile: Profile): string {
    return join(this.folder, `${toHex(profile.vocabulary)}.gguf`);
  }

  async has(profile: Profile): Promise<boolean> {
    return (await stampOf(this.path(profile))) !== null;
  }

  /** @throws {NexusError} `MODEL_HASH_MISMATCH` if the bytes are not the profile's */
  async put(profile: Profile, bytes: Uint8Array, from: string): Promise<string> {
    const path = this.path(profile);
    if (!equalBytes(sha256(bytes), profile.vocabulary)) {
      throw new NexusError(
        'MODEL_HASH_MISMATCH',
        `${from} is not the vocabulary ${toHex(profile.vocabulary)}`,
        { hint: 'fetch it again from another peer, or add the whole model' },
      );
    }
    if (!(await this.has(profile))) await writeAtomic(path, bytes);
    return path;
  }

  async remove(profile: Profile): Promise<void> {
    await rm(this.path(profile), { force: true });
  }
}

/**
 * Reads a vocabulary file that anybody may have sent, and demands that it agrees with the profile.
 * llama.cpp parses it afterwards: what is not a well-formed, tensor-less GGUF goes no further.
 */
export async function readVocabulary(
  profile: Profile,
  path: string,
): Promise<{ bytes: Uint8Array; info: GgufInfo }> {
  const size = (await stampOf(path))?.size ?? 0;
  if (size > MAX_VOCABULARY_BYTES) throw disagrees(path, 'it is too large');
  const bytes = new Uint8Array(await readFile(path));
  if (!equalBytes(sha256(bytes), profile.vocabulary)) throw disagrees(path, 'its hash differs');
  const info = parseGguf(bytes, bytes.length, path);
  demandVocabulary(info, path);
  if (info.tensors.length > 0) throw disagrees(path, 'it has weights');
  if (info.architecture !== profile.architecture) throw disagrees(path, 'its architecture differs');
  if (!equalBytes(tokenizerHash(info), profile.tokenizer)) {
    throw disagrees(path, 'its tokenizer differs');
  }
  if (!equalBytes(templateHash(info), profile.chatTemplate)) {
    throw disagrees(path, 'its chat template differs');
  }
  return { bytes, info };
}

function disagrees(path: string, why: string): NexusError {
  return new NexusError('MODEL_HASH_MISMATCH', `${path} does not belong to the profile: ${why}`, {
    hint: 'ask another peer for it, or add the whole model',
  });
}
