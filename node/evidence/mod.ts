/**
 * Evidence: the portable file of an executor's audits or a job's, made from the logs that are here,
 * and checked by whoever gets it.
 * @module
 */
export { foldOptionsOf, verifyEvidence, type VerifyEvidenceOptions } from './verify.ts';
export type {
  EvidenceAudit,
  EvidenceCheat,
  EvidenceContradiction,
  EvidenceDuty,
  EvidenceVerdict,
} from './types.ts';
export { type Gathered, gatherEvidence, type GatherOptions, type StoredLogs } from './gather.ts';
export { logsOf, type OpenedSubject } from './opened.ts';
export { type Reread, type RereadOptions, rereadSubject } from './reread.ts';
