import { taggedHash } from '../../feeds/base/mod.ts';
import { LIMITS } from '../../feeds/records/mod.ts';
import { encodeWith, fixed, list, nullable, struct, uint } from '../../feeds/records/mod.ts';

/** One job of a challenge as both ends keep it. */
export interface TranscriptEntry {
  /** 32 bytes: the job's nonce. */
  nonce: Uint8Array;
  /** `recordHash` of the artifact; null: none came. */
  artifact: Uint8Array | null;
  promptTokens: number;
  tokens: number;
  /** From the first offer of the challenge, microseconds by the challenger's clock. */
  sentUs: number;
  firstUs: number;
  lastUs: number;
}

const MOST_JOBS = 65_536;
const us = uint();
const entry = struct<TranscriptEntry>({
  nonce: fixed(32),
  artifact: nullable(fixed(32)),
  promptTokens: uint(LIMITS.tokens),
  tokens: uint(LIMITS.tokens),
  sentUs: us,
  firstUs: us,
  lastUs: us,
});
const entries = list(entry, MOST_JOBS);
const MOST_BYTES = MOST_JOBS * 128;

/** What a `fingerprint` commits to: 32 bytes over the duty's draw and every job in its order. */
export function transcriptHash(draw: Uint8Array, jobs: readonly TranscriptEntry[]): Uint8Array {
  return taggedHash('nexus/transcript/1', draw, encodeWith(entries, [...jobs], MOST_BYTES));
}
