import type { Stall } from '../auditor/mod.ts';
import type { CutFollower } from '../witness/mod.ts';

/** A first cut may take so long, milliseconds. */
const FIRST_CUT_MS = 20_000;
/** Keys that are named, and characters of each. */
const NAMED = 4;
const KEY = 8;

/** Whose first cut is waited for. */
export type Following = Pick<CutFollower, 'current' | 'unfound'> & {
  view: { quorum: { keys: readonly string[] } };
};

/**
 * Why no cut is folded, for people; null where it goes on.
 * @param stall cut of which blocks are missing
 * @param cuts where the cuts are read; null: one was folded
 * @param sinceMs for how long
 */
export function foldingNote(
  stall: Stall | null,
  cuts: Following | null,
  sinceMs: number,
): string | null {
  if (stall !== null) {
    const { epoch, cores } = stall;
    return `cut ${epoch}: no peer has all entries of ${logs(cores)}`;
  }
  if (cuts === null || cuts.current !== null || sinceMs < FIRST_CUT_MS) return null;
  const { unfound, view: { quorum: { keys } } } = cuts;
  return unfound.length === 0
    ? 'no cut is here: the entries of the witnesses that are here make none'
    : `no cut is here: of ${keys.length} witnesses no peer has ${logs(unfound)}`;
}

function logs(keys: readonly string[]): string {
  const named = keys.slice(0, NAMED).map((key) => key.slice(0, KEY)).join(', ');
  const more = keys.length > NAMED ? ', …' : '';
  return `${keys.length} ${keys.length === 1 ? 'log' : 'logs'} (${named}${more})`;
}
