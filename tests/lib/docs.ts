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

/** Fields that the reference names for each event of a command; those of `run` for `run-…`. */
export function documented(command: string): Map<string, Set<string>> {
  const text = readFileSync(`${ROOT}docs/REFERENCE.md`, 'utf8');
  const events = text.slice(text.indexOf('## Events'), text.indexOf('## Environment'));
  const sections = events.split(/^### /m);
  const section = sections.find((part) => part.split('\n')[0]!.split(', ').includes(command));
  const found = new Map<string, Set<string>>();
  for (const part of [sections[0]!, section ?? '']) {
    for (const [, names, rest] of part.matchAll(/^- ((?:`[\w-]+`(?:,\s+)?)+): ((?:.|\n {2})*)/gm)) {
      const fields = new Set([...rest!.matchAll(/`(\w+)`/g)].map((match) => match[1]!));
      for (const [, name] of names!.matchAll(/`([\w-]+)`/g)) found.set(name!, fields);
    }
  }
  return found;
}

/** What a command printed and the reference does not name: `event` or `event.field`. */
export function undocumented(command: string, events: Record<string, unknown>[]): string[] {
  const known = documented(command);
  const wrong = new Set<string>();
  for (const { event, ...fields } of events) {
    const name = String(event);
    const own = known.get(name);
    const also = name.startsWith('run-') ? documented('run').get(name.slice(4)) : undefined;
    if (own === undefined) wrong.add(name);
    for (const field of Object.keys(fields)) {
      if (own !== undefined && !own.has(field) && !also?.has(field)) wrong.add(`${name}.${field}`);
    }
  }
  return [...wrong].sort();
}
