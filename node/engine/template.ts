import { Template } from '@huggingface/jinja';
import { NexusError } from '../../feeds/base/mod.ts';
import type { Vocabulary } from './backend.ts';
import { renderBounded } from './bounded_template.ts';
import type { ChatMessage } from './types.ts';

/** A piece of a rendered chat: of the template (control tokens count) or of a message (they do not). */
interface Piece {
  text: string;
  control: boolean;
}

/**
 * Token ids of a chat under the model's template, ready for the answer. What people typed can
 * never become a control token: the template is rendered around marks, and the contents are
 * tokenised apart from it. Never empty.
 */
export function chatTokens(vocabulary: Vocabulary, messages: readonly ChatMessage[]): number[] {
  const ids: number[] = [];
  for (const { text, control } of chatPieces(vocabulary, messages)) {
    const first = ids.length === 0;
    ids.push(...pieceTokens(vocabulary, text, control, first));
  }
  const { begin } = vocabulary;
  if (begin !== null && ids[0] !== begin) ids.unshift(begin);
  return ids.length > 0 ? ids : vocabulary.tokenize('\n', false);
}

/**
 * Token ids of a raw prompt, to be gone on from as it stands: no template, control tokens that were
 * typed stay text, lone surrogates become U+FFFD. Never empty.
 */
export function rawTokens(vocabulary: Vocabulary, text: string): number[] {
  const { begin } = vocabulary;
  const ids = text === '' ? [] : vocabulary.tokenize(text.toWellFormed(), false);
  if (begin !== null) ids.unshift(begin);
  return ids.length > 0 ? ids : vocabulary.tokenize('\n', false);
}

function pieceTokens(
  vocabulary: Vocabulary,
  text: string,
  control: boolean,
  first: boolean,
): number[] {
  if (text === '') return [];
  if (first || !vocabulary.spacePrefix || control) return vocabulary.tokenize(text, control);
  // These tokenizers put a space before every text. A newline keeps it off, and is cut off again.
  const lead = vocabulary.tokenize('\n', false);
  const ids = vocabulary.tokenize('\n' + text, false);
  return lead.every((id, i) => ids[i] === id)
    ? ids.slice(lead.length)
    : vocabulary.tokenize(text, false);
}

function chatPieces(vocabulary: Vocabulary, messages: readonly ChatMessage[]): Piece[] {
  const contents = messages.map(({ content }) => content.toWellFormed());
  if (vocabulary.chatTemplate === null) {
    return [{ text: contents.join('\n\n'), control: false }];
  }
  const template = compile(vocabulary.chatTemplate);
  const render = (texts: readonly string[]): string => {
    try {
      return renderBounded(template, {
        messages: messages.map(({ role }, i) => ({ role, content: texts[i] })),
        add_generation_prompt: true,
        bos_token: vocabulary.beginText,
        eos_token: vocabulary.endText,
      });
    } catch (cause) {
      if (cause instanceof NexusError) throw cause;
      throw new NexusError('TEMPLATE_REFUSED', "the model's chat template refuses these messages", {
        hint: 'many templates want a user message first, and user and assistant in turns',
        cause,
      });
    }
  };
  const marks = marksFor(contents);
  const marked = render(marks);
  const plain = render(contents);
  // Some templates trim what was typed. Marks cannot show that, but the plain rendering does.
  const trimmed = contents.map((content) => content.trim());
  const shown = fill(marked, marks, contents) !== plain && fill(marked, marks, trimmed) === plain
    ? trimmed
    : contents;
  return cut(marked, marks, shown);
}

/** One mark a message, of private-use characters that none of the contents holds. */
function marksFor(contents: readonly string[]): string[] {
  const all = contents.join('');
  let salt = 0;
  while (all.includes(`\ue000${salt}:`)) salt++;
  return contents.map((_, i) => `\ue000${salt}:${i}\ue001`);
}

function fill(marked: string, marks: readonly string[], texts: readonly string[]): string {
  return cut(marked, marks, texts).map(({ text }) => text).join('');
}

function cut(marked: string, marks: readonly string[], texts: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  while (true) {
    let at = -1, which = -1;
    marks.forEach((mark, i) => {
      const found = marked.indexOf(mark, from);
      if (found !== -1 && (at === -1 || found < at)) at = found, which = i;
    });
    if (which === -1) break;
    pieces.push({ text: marked.slice(from, at), control: true });
    pieces.push({ text: texts[which]!, control: false });
    from = at + marks[which]!.length;
  }
  pieces.push({ text: marked.slice(from), control: true });
  return pieces;
}

const compiled = new Map<string, Template>();

function compile(source: string): Template {
  let template = compiled.get(source);
  if (template === undefined) {
    try {
      template = new Template(source);
    } catch (cause) {
      throw new NexusError('TEMPLATE_BAD', "the model's chat template cannot be read", {
        hint: 'use a model whose chat template is valid Jinja',
        cause,
      });
    }
    if (compiled.size >= 16) compiled.clear();
    compiled.set(source, template);
  }
  return template;
}
