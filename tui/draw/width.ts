import stringWidth from 'string-width';

const ASCII = /^[\x20-\x7e]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Names and headings come again in every frame. Emptied when full. */
const known = new Map<string, number>();
const MAX_KNOWN = 4096;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  const before = known.get(text);
  if (before !== undefined) return before;
  const width = stringWidth(text);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, width);
  return width;
}

/** As much of a text as fits, with `…` where something is missing. Never half a character. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  return `${head(text, width - 1)}…`;
}

/** The end of a text, as much of it as fits. */
export function tail(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '', used = 0;
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    used += widthOf(segment);
    if (used > width) break;
    kept = segment + kept;
  }
  return kept;
}

/** A text of exactly `width` columns. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'left' ? cut + space : space + cut;
}

/** A text on lines of at most `width` columns, broken between words where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/(?<= )/)) {
      if (widthOf(line + word.trimEnd()) <= width) {
        line += word;
        continue;
      }
      if (line !== '') lines.push(line.trimEnd());
      line = word;
      while (widthOf(line) > width) {
        const part = head(line, width) || [...line][0]!;
        lines.push(part);
        line = line.slice(part.length);
      }
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

function head(text: string, width: number): string {
  if (ASCII.test(text)) return text.slice(0, width);
  let kept = '', used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return kept;
}
