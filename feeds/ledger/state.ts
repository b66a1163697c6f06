import type { Hex } from '../trust/mod.ts';
import type { ElectorsState } from './electors.ts';
import type { IdentitiesState } from './identities.ts';
import type { JobsState } from './jobs.ts';
import type { MarketState } from './market.ts';
import type { Member } from './member.ts';
import type { MisdeedsState } from './misdeeds.ts';
import type { RewardsState } from './rewards.ts';
import type { RootsState } from './roots.ts';
import type { EpochSummary, LedgerFinding, Totals } from './types.ts';

/** Version of {@link LedgerState}: another one is not gone on from. */
export const LEDGER_STATE = 'nexus-ledger-state/11';

/** Everything that the next cuts depend on. Plain data, fit for JSON. */
export interface LedgerState {
  version: typeof LEDGER_STATE;
  epoch: number | null;
  root: Hex;
  totals: Totals;
  members: Member[];
  jobs: JobsState;
  market: MarketState;
  rewards: RewardsState;
  roots: RootsState;
  electors: ElectorsState;
  identities: IdentitiesState;
  misdeeds: MisdeedsState;
  epochs: EpochSummary[];
  findings: LedgerFinding[];
  findingCount: number;
}
