/**
 * Nexus in code: run a prompt, start a node, replay logs, check a receipt. Runs in Deno, with the
 * `deno.json` of this folder (`deno run -A --config deno.json …`) and Node on the path.
 *
 * @module
 */
export {
  createNode,
  type CreateNodeOptions,
  type DoneEvent,
  type HomeOptions,
  type Message,
  type Node,
  type Peer,
  type PromptOptions,
  replay,
  replayLedger,
  type ReplayLedgerOptions,
  type ReplayOptions,
  type Report,
  run,
  type RunEvent,
  type RunOptions,
  verifyReceipt,
} from './node/api/mod.ts';
export type { NodeEvent } from './node/control/mod.ts';
export type { LedgerReplay, Role } from './node/daemon/mod.ts';
export type {
  AttemptReport,
  AttemptState,
  Finding,
  FindingCode,
  JobReport,
  LogReport,
  NotHeld,
} from './feeds/replay/mod.ts';
export type {
  Account,
  EpochSummary,
  LedgerFinding,
  LedgerView,
  Price,
  Slash,
  SlashCause,
  Totals,
} from './feeds/ledger/mod.ts';
export type { Receipt, ReceiptCheck, ReceiptVerdict } from './feeds/proof/mod.ts';
export {
  type EvidenceVerdict,
  verifyEvidence,
  type VerifyEvidenceOptions,
} from './node/evidence/mod.ts';
export { NexusError } from './feeds/base/mod.ts';
