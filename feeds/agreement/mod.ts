/**
 * How the witnesses agree on the cut that ends each epoch, and how anybody reads the cuts from their
 * logs. Pure.
 * @module
 */
export type {
  Covered,
  Cut,
  CutState,
  ElectorateState,
  Equivocation,
  Span,
  Taken,
  TallyState,
  WitnessWeight,
} from './types.ts';
export { chooseHeads } from './choose.ts';
export { type Doubt, doubtOf } from './doubt.ts';
export { Electorate, sameSeats, SEATS_EVERY, SEATS_LAG } from './electorate.ts';
export { contradict, contradictProposals, verifyCut, verifyEquivocation } from './evidence.ts';
export { Quorum } from './quorum.ts';
export type { Proposed } from './tally.ts';
export { CutView, type CutViewOptions } from './view.ts';
export { type Waiting, waitingFor } from './waiting.ts';
export { type Act, type Timeout, timeoutMs, Voter } from './voter.ts';
