import stringWidth from 'string-width';
import { oneLine } from './text.ts';
import { Wrap } from './wrap.ts';

/** What the last column keeps before others give way to it. */
const LAST_COLUMNS = 24;

/**
 * Rows as a table whose columns line up in a terminal, wide characters and emoji included. Cells are
 * made safe to show.
 * @param width of the terminal in columns; the last cell of a longer row is cut
 * @param spare names (in the first row) of columns that may be left out where it is too narrow, the
 *   least important first
 */
export function table(
  rows: readonly (readonly string[])[],
  width = Infinity,
  spare: readonly string[] = [],
): string {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = widthsOf(cells);
  const taken = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  if (spare.length > 0 && taken + Math.min(widths.at(-1) ?? 0, LAST_COLUMNS) > width) {
    const gone = cells[0]!.indexOf(spare[0]!);
    const left = gone < 0 ? cells : cells.map((row) => row.filter((_, i) => i !== gone));
    return table(left, width, spare.slice(1));
  }
  return cells.map((row) => {
    const padded = row.map((cell, i) =>
      i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - stringWidth(cell))
    );
    return cut(padded.join('  ').trimEnd(), width);
  }).join('\n');
}

/** A table whose last column goes on below itself where the terminal is too narrow for it. */
export function wrappedTable(rows: readonly (readonly string[])[], width = Infinity): string {
  const cells = rows.map((row) => row.map(oneLine));
  const indent = widthsOf(cells).slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  if (indent + LAST_COLUMNS > width || width === Infinity) return table(rows, width);
  const others = table(cells.map((row) => [...row.slice(0, -1), '|'])).split('\n');
  return cells.map((row, i) => {
    const wrap = new Wrap(width, ' '.repeat(indent));
    const text = wrap.push(row.at(-1) ?? '') + wrap.flush();
    return `${others[i]!.slice(0, -1)}${text.slice(indent)}`.trimEnd();
  }).join('\n');
}

function widthsOf(cells: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, stringWidth(cell)));
  }
  return widths;
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
