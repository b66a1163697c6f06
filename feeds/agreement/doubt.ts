import { toHex } from '../base/mod.ts';
import type { CutHead } from '../records/mod.ts';
import type { CutView } from './view.ts';

/** From this round on it is left out whatever was proposed before. */
const WARY = 3;
/** From this round on nothing is proposed but that the epoch ends. */
const LAST = 6;

/** What a proposer leaves out of a cut of its own choice. */
export interface Doubt {
  /** Nothing is put in at all. */
  all: boolean;
  /** Whether it states seats: others may not know yet what the ledger makes of the cuts. */
  seats: boolean;
  /** Cores (hexadecimal) that are left out. */
  cores: ReadonlySet<string>;
  /** Heads of which those that are not held here are left out, too. */
  heads: readonly CutHead[];
}

/**
 * What a proposer leaves out, the more the longer the epoch takes: a cut that a third of the witnesses
 * cannot hold, or whose seats they do not know yet, is never certified, and whoever shows two halves of
 * them two histories of its log could else stop all cuts. What is left out comes in a later epoch.
 */
export function doubtOf({ tally }: CutView, round: number): Doubt {
  const heads: CutHead[] = [];
  for (let k = 0; k < round; k++) {
    for (const { record } of tally.proposals(k)) heads.push(...record.heads);
  }
  const cores = new Set(round < WARY ? [] : heads.map(({ core }) => toHex(core)));
  return { all: round >= LAST, seats: round < WARY, cores, heads: round < WARY ? heads : [] };
}
