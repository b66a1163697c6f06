import type { State } from '../state/mod.ts';
import { fingerprints } from './fingerprints.ts';
import { ledger } from './ledger.ts';
import { logs } from './logs.ts';
import { mesh } from './mesh.ts';
import { routing } from './routing.ts';
import { trust } from './trust.ts';
import type { AnyPane } from './types.ts';

/** All panes, in the order of their digits. A new one is a file of its own and a line here. */
export const PANES: readonly AnyPane[] = [mesh, routing, logs, trust, ledger, fingerprints];

/** Those that have something to show. */
export function presentPanes(state: State): AnyPane[] {
  return PANES.filter((pane) => pane.present(state));
}
