/**
 * The dashboard: follows a node's events, folds them, draws them, and sends commands.
 * @module
 */
export type { NodeLink } from './app/link.ts';
export { snapshotText, stateNow } from './app/once.ts';
export { type DashboardOptions, runDashboard } from './app/shell.ts';
export { record, type Recorded, Recording } from './replay/mod.ts';
export { emptyState, type State, stateJson, step } from './state/mod.ts';
