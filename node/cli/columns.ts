import stringWidth from 'string-width';
import { oneLine } from './text.ts';

/**
 * Rows as a table whose columns line up in a terminal, wide characters and emoji included. Cells are
 * made safe to show.
 * @param width of the terminal in columns; the last cell of a longer row is cut
 */
export function table(rows: readonly (readonly string[])[], width = Infinity): string {
  const cells = rows.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, stringWidth(cell)));
  }
  return cells.map((row) => {
    const padded = row.map((cell, i) =>
      i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - stringWidth(cell))
    );
    return cut(padded.join('  '), width);
  }).join('\n');
}

function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let out = '', used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment);
    if (used > width - 1) break;
    out += segment;
  }
  return `${out}…`;
}
