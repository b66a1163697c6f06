import type { Cut } from '../../feeds/agreement/mod.ts';
import type { NetworkState } from '../../feeds/ledger/mod.ts';
import type { AuditState, EntitledState, LedgerMemoryState } from '../auditor/mod.ts';
import type { FollowerState } from '../witness/mod.ts';

/** Everything that a node has made of the cuts up to one: plain data. */
export interface Snapshot {
  /** The newest cut in it. */
  cut: Cut;
  cuts: FollowerState;
  fold: NetworkState;
  audit: AuditState;
  entitled: EntitledState;
  /** What its dashboards show of money; null where there is none. */
  memory: LedgerMemoryState | null;
}
