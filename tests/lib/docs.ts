import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block of a document or docstring. */
export interface Block {
  file: string;
  /** Line of its first line of content, from 1. */
  line: number;
  text: string;
}

/** The fenced blocks of one language in a file; a docstring's stars are left out. */
export function blocksOf(file: string, language: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  readFileSync(ROOT + file, 'utf8').split('\n').forEach((raw, i) => {
    const line = raw.replace(/^ \* ?/, '');
    if (open !== null && line.trim() === '```') {
      blocks.push(open);
      open = null;
    } else if (open !== null) open.text += `${line}\n`;
    else if (line.trim() === '```' + language) open = { file, line: i + 2, text: '' };
  });
  return blocks;
}
