import type { AuditRecord } from './audit_types.ts';
import type { FigureRecord } from './figure_types.ts';

/** A 32-byte public key, core key or hash. */
export type Bytes32 = Uint8Array;

/** A log's signed length as its writer had seen it: the causal web between logs. */
export interface SeenHead {
  /** Key of the core. */
  core: Bytes32;
  length: number;
}

/** What kind of work a profile or a job is. Only `text` today; forks and parts of models follow. */
export type WorkKind = 'text';

/** A range `[from, to)` of a model's layers; the whole model is `null` in profiles and jobs. */
export interface LayerRange {
  from: number;
  to: number;
}

/**
 * A model file plus everything that must be equal to reproduce its output. Its tagged hash is its
 * id ({@link profileId}). The display name is not part of it.
 */
export interface Profile {
  version: 1;
  kind: WorkKind;
  /** SHA-256 of the GGUF file. */
  file: Bytes32;
  /** Size of that file in bytes. */
  size: number;
  /** `general.architecture` of the GGUF, e.g. `llama`. */
  architecture: string;
  /** e.g. `Q4_1`. */
  quantisation: string;
  /** SHA-256 of the chat template's UTF-8 text. */
  chatTemplate: Bytes32;
  /** Hash over the tokenizer's metadata in the GGUF. */
  tokenizer: Bytes32;
  /** SHA-256 of the tensor-less GGUF (vocabulary and template) that a requester needs. */
  vocabulary: Bytes32;
  /** Tokens of context of one session. */
  contextSize: number;
  kvType: 'f16';
  flashAttention: boolean;
  /** Sampler specification, `nexus/gumbel-int/1`. */
  sampler: string;
  /** Candidates per position. */
  topK: number;
  /** Profile id of the model that this one was forked from. */
  parent: Bytes32 | null;
  /** Hashes of adapters on top of the file. */
  adapters: Bytes32[];
  layers: LayerRange | null;
}

/** Sampling parameters in the integers of the sampler's specification. */
export interface Sampling {
  /** round(temperature * 1024); 0 is greedy. */
  tq: number;
  /** round(topP * 65536); `TOP_P_OFF` is off. */
  pq: number;
  /** Output tokens of the whole answer, over all attempts. */
  maxTokens: number;
}

/** Why an answer ended. */
export type FinishReason = 'end' | 'length' | 'stop' | 'cancelled' | 'error';

/** How the requester saw an attempt end. `failed`: lost, stalled or refused in mid-answer. */
export type Outcome = 'done' | 'cancelled' | 'failed';

/** First entry of each of an identity's three cores; binds them to the identity. */
export interface IdentityRecord {
  type: 'identity';
  /** Ed25519 key of the identity: also its Noise key. */
  publicKey: Bytes32;
  jobs: Bytes32;
  artifacts: Bytes32;
  attestations: Bytes32;
  /** X25519 key for tweetnacl's box. */
  box: Bytes32;
  /** Poseidon(secret), for proofs of what stands in its account; null in records of before. */
  account: Bytes32 | null;
  /** 64 bytes, Ed25519 by `publicKey` over everything above. */
  signature: Uint8Array;
}

/** Log `jobs`: one attempt of a job, offered to one executor. The same bytes are the signed offer. */
export interface JobRecord {
  type: 'job';
  /** {@link jobId}: equal for all attempts. */
  job: Bytes32;
  attempt: number;
  kind: WorkKind;
  /** Job id that this one continues (an earlier turn of the conversation). */
  parent: Bytes32 | null;
  network: Bytes32;
  profile: Bytes32;
  adapters: Bytes32[];
  layers: LayerRange | null;
  requester: Bytes32;
  executor: Bytes32;
  /** Salted commitment to the prompt's token ids. */
  prompt: Bytes32;
  /** Number of prompt tokens. */
  promptTokens: number;
  /** Output tokens of earlier attempts, given to this one as a forced prefix. */
  resumeAt: number;
  /** Salted commitment to those prefix ids. */
  prefix: Bytes32;
  /** Salted commitment to the nonce. */
  nonce: Bytes32;
  /** H(job key). */
  keyHash: Bytes32;
  /** Salted commitment to the stop strings. */
  stops: Bytes32;
  sampling: Sampling;
  /** micro-NCU a token, at most. */
  priceCap: number;
  heads: SeenHead[];
  /** Requester's clock, milliseconds since 1970: a claim. */
  at: number;
  /** 64 bytes, Ed25519 by `requester` over everything above. */
  signature: Uint8Array;
}

/** A signed running digest of an attempt's output ids and bytes, every 16 tokens. */
export interface SignedDigest {
  /** Output tokens of this attempt that it covers. */
  tokens: number;
  digest: Bytes32;
  /** 64 bytes, Ed25519 by the executor over {@link digestMessage}. */
  signature: Uint8Array;
}

/** A cumulative acknowledgement of an attempt's output. */
export interface SignedAck {
  tokens: number;
  /** 64 bytes, Ed25519 by the requester over {@link ackMessage}. */
  signature: Uint8Array;
}

/** Log `jobs`: how an attempt ended, as the requester saw it. */
export interface SettleRecord {
  type: 'settle';
  job: Bytes32;
  attempt: number;
  executor: Bytes32;
  outcome: Outcome;
  finish: FinishReason;
  /** Output tokens received in this attempt. */
  tokens: number;
  /** Hash of the `artifact` record's bytes that the executor sent; null if none came. */
  artifact: Bytes32 | null;
  /** The executor's last signed digest, if any came. */
  digest: SignedDigest | null;
  firstTokenMs: number;
  totalMs: number;
  heads: SeenHead[];
  at: number;
}

/** One profile that an executor serves. */
export interface Offering {
  profile: Bytes32;
  /** Sanitised display name. */
  name: string;
  /** micro-NCU a token. */
  price: number;
  /** Determinism class: hash of build, kernels and settings; equal classes give equal bits. */
  class: Bytes32;
}

/** Log `artifacts`: what an executor serves. */
export interface CapabilityRecord {
  type: 'capability';
  offerings: Offering[];
  /** Jobs at once. */
  slots: number;
  maxTokens: number;
  /** What the machine says of itself: a claim, never believed. */
  hardware: string;
  at: number;
}

/**
 * Log `artifacts`: the executor's commitment to what it produced in one attempt. Requester, profile,
 * sampling and the commitment to the nonce stand in the `job` entry that `offer` names.
 */
export interface ArtifactRecord {
  type: 'artifact';
  job: Bytes32;
  attempt: number;
  executor: Bytes32;
  /** Tagged hash of the `job` record's bytes. */
  offer: Bytes32;
  /** Salted Merkle root over the output ids and their bytes: the last running digest. */
  root: Bytes32;
  /** Poseidon root over salted leaves, one a position, of its candidates; null without. */
  topkRoot: Bytes32 | null;
  class: Bytes32;
  promptTokens: number;
  /** Position of the first token of this attempt in the whole answer. */
  resumeAt: number;
  /** Output tokens of this attempt. */
  tokens: number;
  finish: FinishReason;
  firstTokenMs: number;
  totalMs: number;
  /** micro-NCU asked. */
  ncu: number;
  /** At most one, so that the entry stays small. */
  heads: SeenHead[];
  at: number;
  /** 64 bytes, Ed25519 by `executor` over everything above: the signed summary. */
  signature: Uint8Array;
}

/** Log `artifacts`: the last acknowledgement of a requester who did not settle. */
export interface ClaimRecord {
  type: 'claim';
  job: Bytes32;
  attempt: number;
  requester: Bytes32;
  ack: SignedAck;
  heads: SeenHead[];
  at: number;
}

/** Every entry of every log. */
export type LogRecord =
  | AuditRecord
  | FigureRecord
  | IdentityRecord
  | JobRecord
  | SettleRecord
  | CapabilityRecord
  | ArtifactRecord
  | ClaimRecord;

/** The three logs of an identity. */
export type LogName = 'jobs' | 'artifacts' | 'attestations';
