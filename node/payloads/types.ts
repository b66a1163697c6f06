import type { Payload } from '../audit/mod.ts';

/** Names an attempt. */
export interface AttemptName {
  /** 32 bytes. */
  job: Uint8Array;
  attempt: number;
}

/** The transcript of an attempt with what opens the commitments to it. */
export interface Disclosed {
  payload: Payload;
  /** 32 bytes: the requester's; the seed follows from it. */
  nonce: Uint8Array;
  stops: string[];
}

/** Candidates of one output position, as the sampler drew from them. */
export interface Candidates {
  ids: readonly number[];
  /** Quantised relative logits, see the sampler. */
  z: readonly number[];
}

/** The candidates of an attempt's positions, with the tree over them. */
export interface Topk {
  candidates: readonly Candidates[];
  /** See `BuiltTree`. */
  nodes: Uint8Array;
}

/** The same with what its executor signs. */
export interface BuiltTopk extends Topk {
  /** 32 bytes. */
  root: Uint8Array;
}

/** What an end of an attempt keeps for those who may audit it. */
export interface Kept extends AttemptName, Disclosed {
  /** 32 secret bytes. */
  jobKey: Uint8Array;
  /** Null at its requester, and where the artifact has no top-k root. */
  topk: Topk | null;
}

/** Candidates of one position, shown to stand under a top-k root. */
export interface Opening extends Candidates {
  /** Position in the whole answer. */
  position: number;
  /** Sibling hashes from the leaf up, 32 bytes each. */
  path: Uint8Array[];
}

/** What a proof of sampling shows of one position: the logits stay hidden behind the leaf. */
export interface Shown {
  /** Position in the whole answer. */
  position: number;
  ids: readonly number[];
  /** 32 bytes: the leaf over salt, ids and logits. */
  leaf: Uint8Array;
  /** Sibling hashes from the leaf up, 32 bytes each. */
  path: Uint8Array[];
}
