import type { VerifyFunction } from '../records/mod.ts';
import type { TrustRules } from '../trust/mod.ts';
import type { LedgerTerms } from './types.ts';

/** What a ledger is folded with: the same for all members of a network. */
export interface LedgerOptions {
  /** Id of the network. */
  network: Uint8Array;
  terms: LedgerTerms;
  /** Who certifies cuts, vouches for roots and is paid for it. */
  witnesses: readonly { key: Uint8Array; weight: number }[];
  audit: TrustRules & { epochMs: number };
  /** Checks Ed25519 signatures; by default `verifyEd25519` of the records. */
  verify?: VerifyFunction;
}
