import type { Column, Line } from '../draw/mod.ts';
import type { State } from '../state/mod.ts';

/** What a pane is drawn from. */
export interface Context {
  state: State;
  /** Milliseconds since 1970: ages are told from here. */
  now: number;
}

/** What a row is about, for the actions of the dashboard. */
export interface Subject {
  /** What `y` copies. */
  copy: string;
  /** Key of a peer that can be banned. */
  peer?: string;
  /** Id of a job that may have a receipt. */
  job?: string;
}

/** A page of the dashboard: a table, the detail of a row, and what stands below. Pure. */
export interface Pane<R> {
  id: string;
  title: string;
  /** The digit that shows it. */
  digit: string;
  /** False: there is nothing to show yet, and the pane is absent. */
  present(state: State): boolean;
  rows(context: Context): R[];
  /** What makes a row the same one in the next frame. */
  key(row: R): string;
  columns: readonly Column<R, Context>[];
  /** Id of the column that it is sorted by to begin with. */
  sort: string;
  /** What a filter looks in. */
  search(row: R): string;
  subject(row: R): Subject;
  /** Said where no row is. */
  empty: string;
  /** Everything about one row. */
  detail(row: R, context: Context, width: number): Line[];
  /** More lines under the table, at most `height`. */
  below?(context: Context, width: number, height: number, filter: string): Line[];
}

/** A pane whose rows are nobody's business but its own. */
// deno-lint-ignore no-explicit-any -- rows only travel between functions of the same pane
export type AnyPane = Pane<any>;
