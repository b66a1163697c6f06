import type { CutView } from './view.ts';

/** Why an epoch has no cut yet: of whom the votes are missing. */
export interface Waiting {
  epoch: number;
  /** Highest round that an honest witness is in for sure. */
  round: number;
  /** Weight that has voted in it, and the least that it takes. */
  heard: number;
  needed: number;
  /** Keys (hexadecimal) of witnesses whose vote is not here, in ascending order. */
  missing: string[];
}

/** Whom the epoch that is being decided waits for, as far as it can be seen from here. */
export function waitingFor({ epoch, tally, quorum }: CutView): Waiting {
  const round = tally.reached;
  const step = tally.isFull('prevote', round) ? 'precommit' : 'prevote';
  const [missing, here] = [true, false].map((isMissing) =>
    quorum.keys.filter((key) => (tally.votesOf(step, round, key).length === 0) === isMissing)
  ) as [string[], string[]];
  const needed = Math.floor(2 * quorum.total / 3) + 1;
  return { epoch, round, heard: quorum.weigh(here), needed, missing };
}
