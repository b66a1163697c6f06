import { sorted } from '../draw/mod.ts';
import type { AnyPane, Context } from '../panes/mod.ts';
import type { View } from './ui.ts';

/** The rows of a pane as they are looked at: filtered and sorted. */
// deno-lint-ignore no-explicit-any -- rows only travel between functions of the same pane
export function rowsOf(pane: AnyPane, view: View, context: Context): any[] {
  const column = pane.columns.find(({ id }) => id === view.sort) ?? pane.columns[0]!;
  const wanted = view.filter.toLowerCase();
  const rows = pane.rows(context);
  const found = wanted === ''
    ? rows
    : rows.filter((row) => pane.search(row).toLowerCase().includes(wanted));
  return sorted(found, column, view.reverse);
}

/** Index of the chosen row; a row that is gone gives the first. */
export function cursorOf(pane: AnyPane, view: View, rows: readonly unknown[]): number {
  if (view.cursor === null) return 0;
  return Math.max(0, rows.findIndex((row) => pane.key(row) === view.cursor));
}

/** The first index to show, so that the chosen row is seen and no line is wasted. */
export function topOf(top: number, cursor: number, height: number, total: number): number {
  const last = Math.max(0, total - height);
  return Math.min(last, Math.max(cursor - height + 1, Math.min(top, cursor), 0));
}
