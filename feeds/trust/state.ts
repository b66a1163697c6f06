import type { AuditorsState } from './auditors.ts';
import type { AuditsState } from './audits.ts';
import type { BeaconState } from './beacon.ts';
import type { CalibrationsState } from './calibrations.ts';
import type { CanariesState } from './canaries.ts';
import type { ExecutorState } from './executors.ts';
import type { LogsState } from './logs.ts';
import type { RosterState } from './roster.ts';
import type { SubjectsState } from './subjects.ts';
import type { Hex } from './types.ts';
import type { TrustView } from './view_types.ts';
import type { WorldState } from './world.ts';

/** Of what is below; to be raised with every change of it, and of what the fold makes of a cut. */
export const TRUST_STATE = 8;

/**
 * Where a fold stands after a cut: plain data (maps, sets and bytes among it) that structured clones
 * and `node:v8` take. Bounded by who is known and by the challenge window, not by how many cuts were.
 */
export interface TrustState {
  version: number;
  epoch: number | null;
  cutHash: Uint8Array<ArrayBuffer>;
  digest: Uint8Array;
  beacon: TrustView['beacon'];
  missedReveals: Map<Hex, number>;
  /** Of the witnesses. */
  weights: [Hex, number][];
  world: WorldState;
  logs: LogsState;
  beacons: BeaconState;
  roster: RosterState;
  calibrations: CalibrationsState;
  subjects: SubjectsState;
  executors: ExecutorState[];
  auditors: AuditorsState;
  audits: AuditsState;
  canaries: CanariesState;
}
