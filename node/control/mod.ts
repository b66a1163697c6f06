/**
 * A node's event and command interface for programs on the same machine: one call a connection on
 * a Unix socket that only its owner can open.
 * @module
 */
export { call, streamCall } from './client.ts';
export { type ControlServer, type Handler, type Handlers, serveControl } from './server.ts';
export {
  DEFAULT_MAX_TOKENS,
  DEFAULT_TEMPERATURE,
  parseRunRequest,
  type RunRequest,
} from './request.ts';
export { about } from './spans.ts';
export { askStandstill, standstillMs, standstillText } from './standstill.ts';
export { DIFFERS_MEND, vouchingText } from './vouching.ts';
export type { NodeEvent, WatchEvent } from './watch.ts';
export type {
  CoreRow,
  EntryRow,
  FindingRow,
  LoadRow,
  ModelRow,
  NodeStatus,
  PeerRow,
} from './rows.ts';
export type {
  AttestedRow,
  ChallengeRow,
  ChallengeState,
  FigureHistoryRow,
  FiguresRow,
  FingerprintRow,
  FingerprintRows,
  IntervalRow,
  TokenEnergyRow,
} from './fingerprint_rows.ts';
export type {
  AccountRow,
  EarningRow,
  EpochRow,
  LedgerFindingRow,
  LedgerRows,
  OwnAccountRow,
  PaymentRow,
  PriceRow,
  SlashRow,
} from './ledger_rows.ts';
export type {
  AuditorTrustRow,
  AuditRow,
  AuditState,
  CheatRow,
  ExecutorTrustRow,
  TrustRows,
} from './trust_rows.ts';
export type { ProofChecked, ProofRow, ProofRows } from './proof_rows.ts';
export type { EnergyAnswer, EnergyRow, EnergySourceRow } from './energy_rows.ts';
export type { DistrustRow, JobRow, VerdictRow } from './verdicts.ts';
export type {
  FieldAccountAnswer,
  FieldPathAnswer,
  FieldReceiptsAnswer,
  FieldRootsAnswer,
} from './field_methods.ts';
export type { BalanceAnswer, BondAnswer, LedgerAnswer, ProveAnswer } from './ledger_methods.ts';
