import type { Vocabulary } from '../backend.ts';

/** Ids of control tokens; then come 256 bytes, then words. */
export const CONTROL = ['<end>', '<begin>', '<user>', '<assistant>', '<system>'] as const;
const BYTES = CONTROL.length;
const SYLLABLES = 'ka lo mi ne ru sa te vo wi ya'.split(' ');
const WORDS = SYLLABLES.flatMap((a) => SYLLABLES.map((b) => ` ${a}${b}`));

export const FIRST_WORD = BYTES + 256;
export const FAKE_VOCABULARY_SIZE = FIRST_WORD + WORDS.length;

/** Bytes and made-up words: every text can be tokenised, and comes back as it was. */
export const fakeVocabulary: Vocabulary = {
  size: FAKE_VOCABULARY_SIZE,
  begin: null,
  beginText: CONTROL[1],
  endText: CONTROL[0],
  spacePrefix: false,
  contextual: false,
  chatTemplate: "{% for m in messages %}{{ '<' + m['role'] + '>' + m['content'] }}{% endfor %}" +
    "{{ '<assistant>' }}",
  isEnd: (id) => id === 0,
  tokenize(text, control) {
    const ids: number[] = [];
    const parts = control ? text.split(/(<(?:end|begin|user|assistant|system)>)/) : [text];
    for (const part of parts) {
      const id = control ? CONTROL.indexOf(part as typeof CONTROL[number]) : -1;
      if (id !== -1) ids.push(id);
      else for (const byte of new TextEncoder().encode(part)) ids.push(BYTES + byte);
    }
    return ids;
  },
  detokenize(ids) {
    const bytes: number[] = [];
    for (const id of ids) {
      if (id >= FIRST_WORD) bytes.push(...new TextEncoder().encode(WORDS[id - FIRST_WORD]));
      else if (id >= BYTES) bytes.push(id - BYTES);
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes));
  },
};
