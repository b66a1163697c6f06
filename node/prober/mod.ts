/**
 * What a node does about the speed of machines: it measures itself, lets others measure it while it is
 * idle, and measures whom the beacon draws for it, with ordinary jobs and its own clock.
 * @module
 */
export { Budget } from './budget.ts';
export {
  challenge,
  type Challenged,
  type ChallengeOptions,
  type ChallengeStep,
  type Order,
} from './challenge.ts';
export { Challenger, type ChallengerDeps, type Owed } from './challenger.ts';
export { figuresRecord, type OwnFigures, ownFigures } from './figures.ts';
export { Idleness, jobIsHere, whileIdle } from './idle.ts';
export { type JobSender, type ProbeAnswer, probeJob, type ProbeJobOptions } from './job.ts';
export { measureMyself, type MyselfDeps, OwnBook } from './myself.ts';
export { fullPlan, levelsOf, type OwnPlan, type OwnRun, ownRuns, quickPlan } from './own.ts';
export { measureOwnMachine, type OwnMachine, type OwnMachinePlan } from './own_machine.ts';
export { probePriceCap } from './price.ts';
export { type MachineProbes, machineProbes, type Probed, type ProbesOptions } from './probes.ts';
export {
  compareMachines,
  type KeptMachine,
  keptMachine,
  readKept,
  type SameMachine,
} from './same.ts';
export { challengeTogether, type Pair } from './together.ts';
export { PromptPool } from './prompts.ts';
export { Responder, type ResponderEvent } from './responder.ts';
export { fingerprintRows, ownRow } from './rows.ts';
export {
  beginAfter,
  busy,
  left,
  PROBE_POLICY,
  type ProbePolicy,
  type Schedule,
  shareOf,
  waitFor,
} from './schedule.ts';
export {
  checkTranscript,
  figuresOf,
  namedJobs,
  type Transcript,
  transcriptHash,
  wholeBounds,
} from './transcript.ts';
export { type Sized, sizedProduct } from './sized.ts';
export { doWork, type Looked, type Worked, type WorkOptions } from './work.ts';
export {
  decodeFingerprint,
  encodeFingerprint,
  FINGERPRINT_PROTOCOL,
  FINGERPRINT_VERSION,
} from './wire.ts';
