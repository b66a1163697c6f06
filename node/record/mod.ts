/**
 * Logs told again as a dashboard follows a node: what auditors step through.
 * @module
 */
export { recordOf, type RecordOptions } from './record.ts';
export {
  type AuditFinding,
  auditLedger,
  type LedgerAudit,
  type LedgerStep,
} from './ledger_audit.ts';
export { auditProofs, type ProofAudit, type ProofAuditOptions } from './proof_audit.ts';
export { type LogSource, openLogs } from './sources.ts';
