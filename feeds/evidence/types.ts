import type { Json, SignedHead } from '../proof/mod.ts';
import type { Profile } from '../records/mod.ts';
import type { Hex, ProvenCheat } from '../trust/mod.ts';

/** A log from its first block on. */
export interface EvidenceLog {
  /** 32 bytes: key of the core. */
  key: Uint8Array;
  /**
   * Signed over exactly these blocks; null where the log was longer than what was held of it. Then
   * the cuts' certificates alone vouch for what they cover.
   */
  head: SignedHead | null;
  blocks: Uint8Array[];
}

/** The transcript of one audited answer, readable by those entitled: whoever has the job key. */
export interface EvidenceOpening {
  /** Of which audited answer. */
  subject: Hex;
  /** As executor and requester keep it and auditors fetch it: encrypted with the job key. */
  sealed: Uint8Array;
  /** Candidates that its executor opened to an auditor, encrypted alike; null: none. */
  candidates: Uint8Array | null;
  /** 32 bytes. A file with it **contains prompt and answer in clear**; null: it is not handed on. */
  jobKey: Uint8Array | null;
  profile: Profile;
  /** What its writer's copy of the model says of its vocabulary; null: it had none. */
  vocabulary: { size: number; endTokens: number[] } | null;
}

/** What the file is about: everything that was audited of an executor, or one job. */
export type EvidenceTopic = { executor: Hex } | { job: Hex };

/** What its writer concluded; whoever reads it concludes anew and compares. */
export interface EvidenceClaim {
  /** Digest of the trust fold after the last cut. */
  digest: Hex;
  /** The executor's proof as a cheat, where there is one. */
  cheat: Pick<ProvenCheat, 'epoch' | 'profile' | 'log' | 'limit'> | null;
}

/**
 * All that an audit's outcome follows from. Who audits whom is drawn among everybody who stood in a
 * cut, and a lifetime test counts every audited answer, so that neither can be checked from chosen
 * entries: the file holds the logs that the cuts cover, whole.
 */
export interface Evidence {
  /** The network's file, as JSON. */
  network: Json;
  about: EvidenceTopic;
  /** Epoch of the last cut that is replayed. */
  epoch: number;
  claim: EvidenceClaim;
  logs: EvidenceLog[];
  openings: EvidenceOpening[];
}

/** Name and version of the file format. */
export const EVIDENCE_FORMAT = 'nexus-evidence/1';

/** Bounds of a file that anybody may have written. */
export const EVIDENCE_LIMITS = {
  /** UTF-16 units of the text. */
  characters: 128 * 1024 * 1024,
  logs: 16_384,
  blocks: 4_000_000,
  openings: 64,
  endTokens: 64,
  sealedBytes: 8 * 1024 * 1024,
} as const;
