import { AUDIT_KINDS } from './audit_schema.ts';
import { bool, type Codec, fixed, uint } from './codec.ts';
import { list, nullable, struct, type StructCodec, text, word } from './combine.ts';
import { FIGURE_KINDS } from './figure_schema.ts';
import { LIMITS } from './limits.ts';
import type {
  ArtifactRecord,
  CapabilityRecord,
  ClaimRecord,
  FinishReason,
  IdentityRecord,
  JobRecord,
  LayerRange,
  LogRecord,
  Offering,
  Outcome,
  Profile,
  Sampling,
  SeenHead,
  SettleRecord,
  SignedAck,
  SignedDigest,
  WorkKind,
} from './types.ts';

const hash = fixed(32);
const signature = fixed(64);
const kind = word<WorkKind>('text');
const finish = word<FinishReason>('end', 'length', 'stop', 'cancelled', 'error');
const outcome = word<Outcome>('done', 'cancelled', 'failed');
const attempt = uint(LIMITS.attempts);
const tokens = uint(LIMITS.tokens);
/** Milliseconds and micro-NCU. */
const amount = uint();
const adapters = list(hash, LIMITS.adapters);

const layers = nullable(
  struct<LayerRange>(
    { from: uint(LIMITS.layers), to: uint(LIMITS.layers) },
    (range) => (range.from < range.to ? null : 'layers: an empty range'),
  ),
);
const head = struct<SeenHead>({ core: hash, length: uint(LIMITS.blocks) });
const heads = list(head, LIMITS.heads);
const sampling = struct<Sampling>({
  tq: uint(LIMITS.tq),
  pq: uint(LIMITS.pq),
  maxTokens: tokens,
});
const digest = nullable(struct<SignedDigest>({ tokens, digest: hash, signature }));
const ack = struct<SignedAck>({ tokens, signature });
const offering = struct<Offering>({
  profile: hash,
  name: text(LIMITS.name),
  price: amount,
  class: hash,
});

/** What a codec of a kind of record yields: the record without its `type`. */
type Body<T extends LogRecord> = Omit<T, 'type'>;

const identity = struct<Body<IdentityRecord>>({
  publicKey: hash,
  jobs: hash,
  artifacts: hash,
  attestations: hash,
  box: hash,
  account: nullable(hash),
  signature,
});

const job = struct<Body<JobRecord>>({
  job: hash,
  attempt,
  kind,
  parent: nullable(hash),
  network: hash,
  profile: hash,
  adapters,
  layers,
  requester: hash,
  executor: hash,
  prompt: hash,
  promptTokens: tokens,
  resumeAt: tokens,
  prefix: hash,
  nonce: hash,
  keyHash: hash,
  stops: hash,
  sampling,
  priceCap: amount,
  heads,
  at: amount,
  signature,
});

const settle = struct<Body<SettleRecord>>({
  job: hash,
  attempt,
  executor: hash,
  outcome,
  finish,
  tokens,
  artifact: nullable(hash),
  digest,
  firstTokenMs: amount,
  totalMs: amount,
  heads,
  at: amount,
});

const capability = struct<Body<CapabilityRecord>>({
  offerings: list(offering, LIMITS.offerings),
  slots: uint(0xffff),
  maxTokens: tokens,
  hardware: text(LIMITS.hardware),
  at: amount,
});

const artifact = struct<Body<ArtifactRecord>>({
  job: hash,
  attempt,
  executor: hash,
  offer: hash,
  root: hash,
  topkRoot: nullable(hash),
  class: hash,
  promptTokens: tokens,
  resumeAt: tokens,
  tokens,
  finish,
  firstTokenMs: amount,
  totalMs: amount,
  ncu: amount,
  heads: list(head, LIMITS.artifactHeads),
  at: amount,
  signature,
});

const claim = struct<Body<ClaimRecord>>({
  job: hash,
  attempt,
  requester: hash,
  ack,
  heads,
  at: amount,
});

/** Codec of each kind of record; a kind's byte is its place here, from 1. Only ever append. */
export const KINDS: readonly (readonly [LogRecord['type'], StructCodec<Body<LogRecord>>])[] = [
  ['identity', identity as StructCodec<Body<LogRecord>>],
  ['job', job as StructCodec<Body<LogRecord>>],
  ['settle', settle as StructCodec<Body<LogRecord>>],
  ['capability', capability as StructCodec<Body<LogRecord>>],
  ['artifact', artifact as StructCodec<Body<LogRecord>>],
  ['claim', claim as StructCodec<Body<LogRecord>>],
  ...AUDIT_KINDS as readonly (readonly [LogRecord['type'], StructCodec<Body<LogRecord>>])[],
  ...FIGURE_KINDS as readonly (readonly [LogRecord['type'], StructCodec<Body<LogRecord>>])[],
];

/** Codec of a profile, without the version byte before it. */
export const profileBody: Codec<Omit<Profile, 'version'>> = struct<Omit<Profile, 'version'>>({
  kind,
  file: hash,
  size: amount,
  architecture: text(64),
  quantisation: text(64),
  chatTemplate: hash,
  tokenizer: hash,
  vocabulary: hash,
  contextSize: uint(LIMITS.tokens, 1),
  kvType: word<'f16'>('f16'),
  flashAttention: bool,
  sampler: text(64),
  topK: uint(LIMITS.topK, 1),
  parent: nullable(hash),
  adapters,
  layers,
});
