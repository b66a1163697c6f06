/**
 * One portable file from which anybody can work out anew what the audits of a network concluded: the
 * logs that the cuts cover, replayed by the code that the nodes run. Pure.
 * @module
 */
export {
  type Evidence,
  EVIDENCE_FORMAT,
  EVIDENCE_LIMITS,
  type EvidenceClaim,
  type EvidenceLog,
  type EvidenceOpening,
  type EvidenceTopic,
} from './types.ts';
export { buildEvidence, isEvidence, parseEvidence } from './json.ts';
export {
  type AuditedSubject,
  type Replayed,
  type ReplayedLedger,
  replayEvidence,
  replayLogs,
  type Until,
} from './replay.ts';
export { replayStored, type StoredLogs, type StoredStep } from './stored.ts';
