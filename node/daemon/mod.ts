/**
 * A node: engine, logs and mesh put together, and the ways to use it.
 * @module
 */
export { type AuditEvent, auditHome, auditLive, replayHeld } from './audit.ts';
export { diagnose, type Finding } from './doctor.ts';
export { type EventBus } from './events.ts';
export { evidenceOfHome, type EvidenceQuery } from './evidence.ts';
export { evidenceReader } from './evidence_reader.ts';
export { type JobQuery, jobsOfHome, MAX_LISTED } from './job_list.ts';
export { type LedgerReplay, replayLedger, type ReplayProgress } from './ledger_replay.ts';
export { DEFAULT_MODEL, EMBEDDED_MODEL } from './keeper.ts';
export { methodsOf } from './methods.ts';
export { NexusNode } from './node.ts';
export type { NodeOptions, Role } from './options.ts';
export { checkMade } from './proof_checks.ts';
export { proofRows } from './proof_rows.ts';
export { type Rerun, rerun } from './rerun.ts';
export { peersOf, statusOf } from './rows.ts';
export type { RunEvent } from './runner.ts';
