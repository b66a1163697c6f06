import type { ScoredPosition } from '../engine/mod.ts';
import { b1Byte, b1Difference, createSampler } from '../sampler/mod.ts';
import { marginsAt } from './margins.ts';

/** What one output position says for and against its executor. */
export interface Observation {
  /** Position in the whole answer. */
  position: number;
  /** Statistic A, units of 2^-26 nat, see {@link marginsAt}. */
  soft: number;
  hard: number;
  mismatch: boolean | null;
  /** Statistic B1: claimed minus own byte, -128..127 sixteenths of a nat. */
  b1: number;
}

/** How an answer was drawn: what its job record says. */
export interface Drawing {
  /** 32 bytes, from the requester's nonce. */
  seed: Uint8Array;
  tq: number;
  pq: number;
  /** Candidates a position: the profile's. */
  topK: number;
}

/**
 * Makes the observer of one answer. Stateless between positions.
 * @returns a function of the auditor's own scores and the executor's byte for the same position
 */
export function observer(
  { seed, tq, pq, topK }: Drawing,
): (scored: ScoredPosition, byte: number) => Observation {
  const sampler = createSampler(seed);
  return (scored, byte) => {
    const { id, position, logit } = scored;
    const margins = marginsAt(sampler, scored, { id, position, tq, pq, topK });
    return { position, ...margins, b1: b1Difference(byte, b1Byte(logit)) };
  };
}
