/** One block: each node alone, and both at once, in an order that the challenger drew. Times in ms. */
export interface SharingBlock {
  aloneA: number;
  aloneB: number;
  togetherA: number;
  togetherB: number;
  /** Share of the shorter simultaneous run in which both were at work, 0..1. */
  overlap: number;
}

/** What is done next in a block. */
export type SharingStep = 'a' | 'b' | 'both';

export interface SharingRules {
  /** Chance of an accusation where being challenged together changes nothing. */
  alpha: number;
  /** Slow-down, as a ratio, that two challenges on one machine must at least cause. */
  slowdown: number;
  /** Blocks with less overlap do not count. */
  overlap: number;
}

export interface SharingDecision {
  verdict: 'shared' | 'separate' | 'inconclusive';
  /** Geometric median slow-down of both nodes. */
  slowdown: { a: number; b: number };
  /** Exact chance of so much where nothing is shared (sign flips over the blocks). */
  p: number;
  blocks: number;
}
