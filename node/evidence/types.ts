import type { ReceiptCheck } from '../../feeds/proof/mod.ts';
import type { Finding } from '../../feeds/records/mod.ts';
import type { DutyState, SubjectOutcome } from '../../feeds/trust/mod.ts';
import type { Contradiction } from '../audit/mod.ts';
import type { Reread } from './reread.ts';

/** One auditor's part, as the cuts show it. Keys and hashes are lower-case hexadecimal. */
export interface EvidenceDuty {
  auditor: string;
  panel: boolean;
  state: DutyState;
  finding: Finding | null;
  positions: number | null;
  mismatches: number | null;
  detail: string;
}

/** An answer, and what its audit came to. */
export interface EvidenceAudit {
  /** Hash of the entry that commits to it. */
  subject: string;
  job: string;
  attempt: number;
  executor: string;
  tokens: number;
  /** Whether a beacon drew it. */
  audited: boolean;
  /** Null: it was not over at the last cut. */
  outcome: SubjectOutcome | null;
  reason: string;
  duties: EvidenceDuty[];
}

/** An executor that is proven a cheat by its lifetime test. */
export interface EvidenceCheat {
  executor: string;
  epoch: number;
  profile: string;
  /** Nats. */
  log: number;
  limit: number;
}

/** What one executor signed against itself. */
export interface EvidenceContradiction extends Contradiction {
  subject: string;
  executor: string;
}

/** What an evidence file is worth. */
export interface EvidenceVerdict {
  /** True if every check passed: then the rest follows. */
  ok: boolean;
  checks: ReceiptCheck[];
  /** In plain words; empty unless `ok`. */
  establishes: string[];
  doesNotEstablish: string[];
  /** Id of the network. */
  network: string | null;
  /** Epoch of the last cut. */
  epoch: number | null;
  cheat: EvidenceCheat | null;
  contradictions: EvidenceContradiction[];
  /** What this machine reads of the opened answers, where it was asked to. */
  rereads: Reread[];
  /** Of the executor or job that it is about, the newest last. */
  audits: EvidenceAudit[];
}
