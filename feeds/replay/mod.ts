/**
 * The fold: logs in, jobs with their states and every inconsistency out. Pure.
 * @module
 */
export { createReplay, type Replay, replay } from './replay.ts';
export type {
  AttemptReport,
  AttemptState,
  Finding,
  FindingCode,
  JobReport,
  LogBlock,
  LogInput,
  LogReport,
  NotHeld,
  ReplayOptions,
  ReplayReport,
  SignatureMode,
} from './types.ts';
