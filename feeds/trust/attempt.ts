import { toHex } from '../base/mod.ts';
import type { ClaimRecord, JobRecord, SettleRecord } from '../records/mod.ts';
import { entryHash, type Known } from './logs.ts';
import type { Hex, Place } from './types.ts';

/** An attempt that was offered. */
export interface Attempt {
  job: Hex;
  attempt: number;
  offer: Place;
  hash: Hex;
  requester: Hex;
  requesterKey: Uint8Array;
  executor: Hex;
  executorKey: Uint8Array;
  profile: Hex;
  resumeAt: number;
  maxTokens: number;
  /** Commitment to the job key. */
  keyHash: Hex;
  /** Its subject, once there is one; nothing else of the attempt is audited then. */
  subject: Hex | null;
  /** What stands for it if no artifact comes. */
  settle: Known<SettleRecord> | null;
  claim: Known<ClaimRecord> | null;
}

/** The attempt that a requester's own `job` entry offers. */
export function attemptOf(entry: Known<JobRecord>): Attempt {
  const { place: offer, ownerKey: requesterKey, record } = entry;
  const { job, attempt, requester, executor, profile, resumeAt, sampling, keyHash } = record;
  return {
    job: toHex(job),
    attempt,
    offer,
    hash: entryHash(entry),
    requester: toHex(requester),
    requesterKey,
    executor: toHex(executor),
    executorKey: executor.slice(),
    profile: toHex(profile),
    resumeAt,
    maxTokens: sampling.maxTokens,
    keyHash: toHex(keyHash),
    subject: null,
    settle: null,
    claim: null,
  };
}
