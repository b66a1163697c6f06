import { type Line, type Span, span, type Tone } from './line.ts';
import { fit, widthOf } from './width.ts';

/** What a cell shows. */
export type Cell = string | { text: string; tone: Tone };

/** A column of a table of rows `R`. */
export interface Column<R, C> {
  id: string;
  title: string;
  /** Columns of the terminal that it needs. */
  width: number;
  /** It may take what is left over, up to this. */
  grow?: number;
  align?: 'left' | 'right';
  /** On a narrow terminal the highest number goes first. 0 always stays. */
  priority: number;
  /** @param width columns that it got */
  cell(row: R, context: C, width: number): Cell;
  /** What it is sorted by; null comes last. A column without it cannot be sorted by. */
  by?: (row: R) => number | string | null;
  /** Sorting by it begins with the largest. */
  descending?: boolean;
}

/** A column with the width that it got. */
export interface Placed<R, C> {
  column: Column<R, C>;
  width: number;
}

const GAP = 1;

/** The columns that fit in a width, and how wide each is. */
export function place<R, C>(columns: readonly Column<R, C>[], width: number): Placed<R, C>[] {
  let shown = [...columns];
  const need = () => shown.reduce((sum, c) => sum + c.width + GAP, -GAP);
  while (shown.length > 1 && need() > width) {
    const least = shown.reduce((a, b) => (b.priority >= a.priority ? b : a));
    if (least.priority === 0) break;
    shown = shown.filter((c) => c !== least);
  }
  const placed = shown.map((column) => ({ column, width: column.width }));
  let left = width - need();
  for (let growing = placed; left > 0 && growing.length > 0;) {
    growing = placed.filter(({ column, width }) => width < (column.grow ?? 0));
    const share = Math.max(1, Math.floor(left / Math.max(1, growing.length)));
    for (const one of growing) {
      const more = Math.min(share, left, one.column.grow! - one.width);
      one.width += more;
      left -= more;
    }
  }
  return placed;
}

/** The heading; the sorted column has an arrow. */
export function heading<R, C>(
  placed: readonly Placed<R, C>[],
  sorted: string | null,
  reverse: boolean,
): Line {
  const title = ({ column, width }: Placed<R, C>) => {
    const mark = column.id === sorted ? (reverse !== (column.descending ?? false) ? '▼' : '▲') : '';
    const room = width - widthOf(mark);
    const text = widthOf(column.title) <= room
      ? column.title + mark
      : fit(column.title, room) + mark;
    return fit(text, width, column.align);
  };
  return [span(placed.map(title).join(' '), 'bold')];
}

/** One row of the table. */
export function row<R, C>(placed: readonly Placed<R, C>[], item: R, context: C): Line {
  const spans: Span[] = [];
  for (const [i, { column, width }] of placed.entries()) {
    const cell = column.cell(item, context, width);
    const { text, tone } = typeof cell === 'string' ? { text: cell, tone: 'plain' as const } : cell;
    spans.push(span((i === 0 ? '' : ' ') + fit(text, width, column.align), tone));
  }
  return spans;
}

/** Rows in the order of a column; equal ones keep theirs, missing values come last. */
export function sorted<R, C>(rows: readonly R[], column: Column<R, C>, reverse: boolean): R[] {
  const { by } = column;
  if (by === undefined) return [...rows];
  const sign = reverse !== (column.descending ?? false) ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: by(row) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      return Number(a.value === null) - Number(b.value === null);
    }
    return a.value === b.value ? 0 : a.value < b.value ? -sign : sign;
  });
  return keyed.map(({ row }) => row);
}
