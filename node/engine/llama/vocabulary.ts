import type { LlamaModel, Token } from 'node-llama-cpp';
import type { Vocabulary } from '../backend.ts';

/** The tokenizer of a loaded model, or of a file of which only the vocabulary was loaded. */
export function vocabularyOf(model: LlamaModel): Vocabulary {
  const { metadata } = model.fileInfo;
  const { ggml } = metadata.tokenizer;
  const size = ggml.tokens.length;
  const chatTemplate = metadata.tokenizer.chat_template ?? null;
  const prefixed = (ggml as { add_space_prefix?: boolean }).add_space_prefix;
  const spacePrefix = prefixed ?? model.vocabularyType === 'spm';
  const { bos, bosString, eosString, shouldPrependBosToken } = model.tokens;
  // llama.cpp has its own copy: this one is some ten megabytes of strings.
  Object.assign(ggml, { tokens: [], merges: [], token_type: [], scores: [] });
  return {
    size,
    begin: shouldPrependBosToken ? bos : null,
    beginText: bosString ?? '',
    endText: eosString ?? '',
    spacePrefix,
    contextual: model.vocabularyType !== 'bpe',
    chatTemplate,
    isEnd: (id) => model.isEogToken(id as Token),
    tokenize: (text, control) => model.tokenize(text, control),
    detokenize: (ids) => (ids.length === 0 ? '' : model.detokenize(ids as Token[], false)),
  };
}
