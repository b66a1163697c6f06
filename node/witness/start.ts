import { NexusError } from '../../feeds/base/mod.ts';
import type { ChainsState } from './chain.ts';
import type { FollowerState } from './follower.ts';
import type { Positions } from './cursor.ts';

/** Where a follower of a witness's node was, and the witness's chains as of the cut there. */
export interface WitnessState extends FollowerState {
  /** Null: not known. */
  chains: ChainsState | null;
}

/**
 * Where a witness begins to read. Its own log again from what the newest cut covers of it, since of
 * what is after that the chains know nothing; from its beginning where there are no chains.
 * @param own its `attestations` core, hexadecimal
 */
export function startOf({ positions, chains, view }: WitnessState, own: string): Positions {
  const mine = positions.get(own);
  if (mine === undefined) return positions;
  const covered = chains === null ? 1 : view.covered.get(own)?.length ?? 1;
  return new Map(positions).set(own, { ...mine, at: Math.min(mine.at, covered) });
}

/**
 * Refuses to go on where the own log is shorter than it once was: what it said there is not known.
 * @throws {NexusError} `WITNESS_LOG_LOST`
 */
export function demandWhole({ positions }: FollowerState, own: string, length: number): void {
  const lost = (positions.get(own)?.at ?? 0) - length;
  if (lost <= 0) return;
  throw new NexusError('WITNESS_LOG_LOST', `${lost} entries of this witness's log are gone`, {
    stage: 'witness',
    hint:
      'it could contradict what it said in them, so it stays silent: put the folder store back ' +
      'as it was, or wait until a peer that has them returns them',
  });
}
