import { equalBytes, toHex } from '../base/mod.ts';
import { type CutHead, LIMITS, type ProposalRecord } from '../records/mod.ts';
import type { Electorate } from './electorate.ts';
import type { Covered, Span } from './types.ts';

/** What a cut must continue. */
export interface Ground {
  epoch: number;
  previous: Uint8Array;
  covered: ReadonlyMap<string, Covered>;
  electorate: Electorate;
}

/** True if a proposal may be voted on at all: it continues the cut before, and only ever extends it. */
export function isSound(proposal: ProposalRecord, ground: Ground): boolean {
  const { epoch, round, validRound, previous, heads, seats } = proposal;
  if (epoch !== ground.epoch || !equalBytes(previous, ground.previous)) return false;
  if (validRound !== null && validRound >= round) return false;
  if (seats !== null && !ground.electorate.allows(seats, epoch)) return false;
  let before = '', blocks = 0;
  for (const { core, length } of heads) {
    const key = toHex(core), from = ground.covered.get(key)?.length ?? 0;
    if (key <= before || length <= from) return false;
    before = key;
    blocks += length - from;
  }
  return blocks <= LIMITS.cutBlocks;
}

/** Which blocks of each core a cut adds. */
export function spansOf(
  heads: readonly CutHead[],
  covered: ReadonlyMap<string, Covered>,
): Span[] {
  return heads.map(({ core, length }) => ({
    core,
    from: covered.get(toHex(core))?.length ?? 0,
    to: length,
  }));
}
