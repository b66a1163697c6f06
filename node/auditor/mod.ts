/**
 * The agent that makes audits happen: it reads what the witnesses' cuts cover, folds it as everybody
 * does, and does what this node owes: asks, opens, reads once more, commits, reveals.
 * @module
 */
export { RootLog } from './roots.ts';
export { type AgentOptions, AuditAgent } from './agent.ts';
export type { Auditable, AuditDeps, Payloads } from './deps.ts';
export { Drafts } from './drafts.ts';
export { AuditFollower, type AuditFollowerOptions, type AuditState } from './follower.ts';
export { Entitled, type EntitledState } from './entitled.ts';
export { type Action, type Outlook, plan } from './plan.ts';
export { readCut, type Stall } from './reading.ts';
export { Identities } from './identities.ts';
export { trustRows } from './rows.ts';
export { type LedgerContext, ledgerRows } from './ledger_rows.ts';
export { type Earning, LedgerMemory, type LedgerMemoryState } from './ledger_memory.ts';
export { tellLedger, type ToldLedger } from './ledger_told.ts';
export { sealKey, unsealKey } from './seal.ts';
export { tellOf, type Told } from './told.ts';
export { ToldMemory } from './told_memory.ts';
export { OwnEntries } from './own.ts';
export { AuditWorker } from './worker.ts';
export { entryAt, signedBy, type SignedWork } from './lookup.ts';
export { examine, type Found } from './examine.ts';
export { keyFor } from './investigate.ts';
