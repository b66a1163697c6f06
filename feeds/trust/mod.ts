/**
 * Who audits what, and what came of it: beacons, duties, verdicts, records and proven cheats as one
 * pure fold of cuts and the entries that they cover. The same for every reader.
 * @module
 */
export type * from './types.ts';
export type * from './view_types.ts';
export { beaconAnchor, beaconStep, beaconValue, BeaconView, REVEAL_WINDOW } from './beacon.ts';
export { Weights } from './weights.ts';
export { entryHash, isOwnJob, type Known } from './logs.ts';
export { TrustFold } from './fold.ts';
export { TRUST_STATE, type TrustState } from './state.ts';
export { canaryKey, canaryPlan, dutiesUntilFound } from './canary.ts';
export { isShown } from './duties.ts';
export { drawOrder } from './order.ts';
export { drawAuditors } from './draw.ts';
export { Pool } from './pool.ts';
export { Roster } from './roster.ts';
export { averageEvidence, checkEvidence, type JobEvidence, MAX_LOG } from './evidence.ts';
export { accuses, type EProcess, extendProcess, processLog, startProcess } from './eprocess.ts';
export { LOG_UNIT, logMean, logSum } from './fixed.ts';
