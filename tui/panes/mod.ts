/**
 * The pages of the dashboard, each a pure function of the state.
 * @module
 */
export { PANES, presentPanes } from './registry.ts';
export type { AnyPane, Context, Pane, Subject } from './types.ts';
