import type { Hex } from '../trust/mod.ts';
import type { Target } from './targets.ts';
import type { PrintFinding } from './types.ts';

/** Of what is below; to be raised with every change of it, and of what the fold makes of a cut. */
export const PRINT_STATE = 5;

/** Where a fold stands after a cut: plain data. Bounded by who offers what. */
export interface PrintState {
  version: number;
  epoch: number | null;
  digest: Uint8Array;
  targets: Target[];
  challengers: [Hex, { done: number; missed: number }][];
  findings: PrintFinding[];
  findingCount: number;
}
