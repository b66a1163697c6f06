import { concatBytes, NexusError, sha256, taggedHash } from '../../feeds/base/mod.ts';
import type { GgufInfo } from './gguf.ts';

const TEMPLATE_KEY = 'tokenizer.chat_template';

/**
 * The GGUF without tensors that a requester without the weights tokenises with: the same metadata,
 * byte for byte, so that the same model file gives the same vocabulary file everywhere.
 */
export function vocabularyOf(info: GgufInfo): Uint8Array {
  const prelude = new DataView(new ArrayBuffer(24));
  prelude.setUint32(0, 0x46554747, true);
  prelude.setUint32(4, info.version, true);
  prelude.setBigUint64(8, 0n, true);
  prelude.setBigUint64(16, BigInt(info.entries.size), true);
  const { start, end } = info.metadata;
  return concatBytes(new Uint8Array(prelude.buffer), info.head.subarray(start, end));
}

/** SHA-256 of the chat template's UTF-8 text; of the empty text where there is none. */
export function templateHash(info: GgufInfo): Uint8Array {
  return sha256(new TextEncoder().encode(info.chatTemplate ?? ''));
}

/** Hash over all entries of the tokenizer but its chat templates, in the order of their names. */
export function tokenizerHash(info: GgufInfo): Uint8Array {
  const parts = [...info.entries]
    .filter(([key]) => key.startsWith('tokenizer.') && !key.startsWith(TEMPLATE_KEY))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { start, end }]) => info.head.subarray(start, end));
  return taggedHash('nexus/tokenizer/1', ...parts);
}

/** @throws {NexusError} `MODEL_NO_VOCABULARY` if text cannot be tokenised with this file */
export function demandVocabulary(info: GgufInfo, path: string): void {
  if (info.vocabularySize > 0) return;
  throw new NexusError('MODEL_NO_VOCABULARY', `${path} has no tokenizer: it is no chat model`, {
    hint: 'choose a text generation model',
  });
}
