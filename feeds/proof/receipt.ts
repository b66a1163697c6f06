import type { Profile } from '../records/mod.ts';
import type { BlockProof } from './types.ts';

/** An entry of a log: its bytes, and where it stands. */
export interface ReceiptEntry {
  /** The record as encoded. */
  value: Uint8Array;
  /** Null where the log's owner had not been reached when the receipt was made. */
  proof: BlockProof | null;
}

/** Candidates of one position, by their ids; their logits stay hidden behind the leaf. */
export interface ReceiptShown {
  /** Position in the whole answer. */
  position: number;
  ids: number[];
  /** 32 bytes, which stand under the artifact's top-k root. */
  leaf: Uint8Array;
  /** Sibling hashes from the leaf up, 32 bytes each. */
  path: Uint8Array[];
}

/** A zero-knowledge proof of how an attempt's tokens were drawn, with what its reader needs. */
export interface ReceiptSampling {
  /** The executor's `proof` entry. */
  entry: ReceiptEntry;
  /** Epoch whose beacon drew the positions, and 32 bytes of that beacon from which they follow. */
  beacon: number;
  draw: Uint8Array;
  shown: ReceiptShown[];
}

/** One attempt: the offer and what came of it. */
export interface ReceiptAttempt {
  job: ReceiptEntry;
  artifact: ReceiptEntry | null;
  settle: ReceiptEntry | null;
  /** Left out where there is none. */
  sampling?: ReceiptSampling;
}

/** A message of the conversation that was asked. */
export interface ReceiptMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/**
 * What opens the commitments. A receipt with it **contains the prompt and the answer in clear**,
 * and the key of the job: whoever has the file can read both.
 */
export interface ReceiptOpening {
  /** 32 bytes. */
  jobKey: Uint8Array;
  /** 32 bytes, from which the sampler's seed follows. */
  nonce: Uint8Array;
  /** Token ids of the prompt. */
  prompt: number[];
  /** Token ids of the whole answer, over all attempts. */
  output: number[];
  /** One artifact byte an id of `output`. */
  bytes: Uint8Array;
  stops: string[];
  text: string;
  messages: ReceiptMessage[];
  profile: Profile;
}

/** All that one job leaves behind, for somebody who has no access to the logs. */
export interface Receipt {
  /** First blocks of the logs that the proofs are about, which bind them to their identities. */
  identities: ReceiptEntry[];
  /** In the order in which they were made. */
  attempts: ReceiptAttempt[];
  opening: ReceiptOpening | null;
}

/** Name and version of the file format. */
export const RECEIPT_FORMAT = 'nexus-receipt/2';

/** Bounds of a file that anybody may have written. */
export const RECEIPT_LIMITS = {
  /** UTF-16 units of the text. */
  characters: 16 * 1024 * 1024,
  attempts: 64,
  identities: 130,
  tokens: 1_000_000,
  stops: 64,
  messages: 4096,
  /** Positions of a proof of sampling, candidates of each, and levels above them. */
  shown: 64,
  candidates: 4096,
  path: 32,
} as const;
