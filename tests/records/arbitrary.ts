import fc from 'fast-check';
import type {
  ArtifactRecord,
  AuditRecord,
  CapabilityRecord,
  ClaimRecord,
  FiguresRecord,
  FingerprintRecord,
  FinishReason,
  IdentityRecord,
  JobRecord,
  LogRecord,
  Outcome,
  Profile,
  ProofRecord,
  Seat,
  SettleRecord,
} from '../../feeds/records/mod.ts';
import { cleanText, LIMITS } from '../../feeds/records/mod.ts';

/** Records with the prototype of any object, as decoders make them. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
export const hash = bytes(32);
const signature = bytes(64);
const tokens = fc.nat({ max: LIMITS.tokens });
const attempt = fc.nat({ max: LIMITS.attempts });
const amount = fc.maxSafeNat();
const text = (max: number) =>
  fc.string({ unit: 'grapheme', maxLength: max }).map((s) => cleanText(s, max));
const head = plain({ core: hash, length: amount });
const heads = fc.array(head, { maxLength: LIMITS.heads });
const adapters = fc.array(hash, { maxLength: LIMITS.adapters });
const layers = fc.option(
  plain({ from: fc.nat({ max: 100 }), to: fc.integer({ min: 101, max: LIMITS.layers }) }),
);
const finish = fc.constantFrom<FinishReason>('end', 'length', 'stop', 'cancelled', 'error');
const times = { firstTokenMs: amount, totalMs: amount, heads, at: amount };
const kind = fc.constant('text' as const);
const optionalHash = fc.option(hash);

export const identity: fc.Arbitrary<IdentityRecord> = plain({
  type: fc.constant('identity' as const),
  publicKey: hash,
  jobs: hash,
  artifacts: hash,
  attestations: hash,
  box: hash,
  account: optionalHash,
  signature,
});

export const job: fc.Arbitrary<JobRecord> = plain({
  type: fc.constant('job' as const),
  job: hash,
  attempt,
  kind,
  parent: optionalHash,
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
  sampling: plain({
    tq: fc.nat({ max: LIMITS.tq }),
    pq: fc.nat({ max: LIMITS.pq }),
    maxTokens: tokens,
  }),
  priceCap: amount,
  heads,
  at: amount,
  signature,
});

export const settle: fc.Arbitrary<SettleRecord> = plain({
  type: fc.constant('settle' as const),
  job: hash,
  attempt,
  executor: hash,
  outcome: fc.constantFrom<Outcome>('done', 'cancelled', 'failed'),
  finish,
  tokens,
  artifact: optionalHash,
  digest: fc.option(plain({ tokens, digest: hash, signature })),
  ...times,
});

export const capability: fc.Arbitrary<CapabilityRecord> = plain({
  type: fc.constant('capability' as const),
  offerings: fc.array(
    plain({ profile: hash, name: text(LIMITS.name), price: amount, class: hash }),
    { maxLength: LIMITS.offerings },
  ),
  slots: fc.nat({ max: 0xffff }),
  maxTokens: tokens,
  hardware: text(LIMITS.hardware),
  at: amount,
});

export const artifact: fc.Arbitrary<ArtifactRecord> = plain({
  type: fc.constant('artifact' as const),
  job: hash,
  attempt,
  executor: hash,
  offer: hash,
  root: hash,
  topkRoot: optionalHash,
  class: hash,
  promptTokens: tokens,
  resumeAt: tokens,
  tokens,
  finish,
  ncu: amount,
  ...times,
  heads: fc.array(head, { maxLength: LIMITS.artifactHeads }),
  signature,
});

export const claim: fc.Arbitrary<ClaimRecord> = plain({
  type: fc.constant('claim' as const),
  job: hash,
  attempt,
  requester: hash,
  ack: plain({ tokens, signature }),
  heads,
  at: amount,
});

const epoch = fc.nat({ max: LIMITS.epochs });
const round = fc.nat({ max: LIMITS.rounds });
const subject = { subject: hash, job: hash, attempt };
const shape = <T extends string>(type: T) => ({ type: fc.constant(type) });

const audits: fc.Arbitrary<AuditRecord>[] = [
  plain({
    ...shape('proposal'),
    network: hash,
    epoch,
    round,
    previous: hash,
    heads: fc.array(
      plain({ core: hash, length: fc.integer({ min: 1 }), treeHash: hash }),
      { maxLength: 20 },
    ),
    validRound: fc.option<number>(round),
    seats: fc.option<Seat[]>(
      fc.array(plain({ key: hash, weight: fc.integer({ min: 1 }) }), { maxLength: 5 }),
    ),
    witness: hash,
    signature,
  }),
  plain({
    ...shape('vote'),
    network: hash,
    epoch,
    round,
    step: fc.constantFrom('prevote' as const, 'precommit' as const),
    cut: optionalHash,
    witness: hash,
    signature,
  }),
  plain({
    ...shape('beaconChain'),
    network: hash,
    anchor: hash,
    length: fc.integer({ min: 1, max: LIMITS.beaconChain }),
    from: epoch,
  }),
  plain({ ...shape('beaconReveal'), network: hash, epoch, value: hash }),
  plain({
    ...shape('auditor'),
    network: hash,
    offerings: fc.array(plain({ profile: hash, class: hash }), { maxLength: 8 }),
    at: amount,
  }),
  plain({
    ...shape('calibration'),
    profile: hash,
    executorClass: hash,
    auditorClass: hash,
    table: fc.uint8Array({ maxLength: 500 }),
    at: amount,
  }),
  plain({ ...shape('request'), network: hash, ...subject, at: amount }),
  plain({ ...shape('open'), ...subject, auditor: hash, sealed: bytes(72), at: amount }),
  plain({ ...shape('verdictCommit'), network: hash, subject: hash, value: hash, at: amount }),
  plain({
    ...shape('verdictReveal'),
    network: hash,
    subject: hash,
    commit: amount,
    finding: fc.constantFrom(...['ok', 'trigger', 'fraud', 'inconclusive'] as const),
    calibration: optionalHash,
    evidence: fc.array(fc.integer({ min: -LIMITS.logEvidence, max: LIMITS.logEvidence }), {
      maxLength: LIMITS.alternatives,
    }),
    readings: fc.array(
      plain({ position: tokens, byte: fc.nat({ max: 255 }), top: tokens }),
      { maxLength: LIMITS.readings },
    ),
    positions: tokens,
    mismatches: tokens,
    detail: text(LIMITS.detail),
    salt: hash,
  }),
  plain({ ...shape('canary'), network: hash, plan: hash, at: amount }),
  plain({
    ...shape('canaryReveal'),
    network: hash,
    commit: amount,
    planted: fc.array(plain({ job: hash, attempt, honest: fc.boolean() }), { maxLength: 20 }),
    salt: hash,
  }),
  plain({ ...shape('bond'), network: hash, amount: fc.integer({ min: 1 }), at: amount }),
  plain({ ...shape('unbond'), network: hash, amount: fc.integer({ min: 1 }), at: amount }),
  plain({
    ...shape('equivocation'),
    network: hash,
    offender: hash,
    proof: fc.constantFrom(...['heads', 'fork', 'votes', 'proof'] as const),
    first: fc.uint8Array({ maxLength: 300 }),
    second: fc.uint8Array({ maxLength: 300 }),
    at: amount,
  }),
  plain({
    ...shape('ledgerRoot'),
    network: hash,
    epoch,
    root: hash,
    accounts: optionalHash,
    receipts: optionalHash,
  }),
];

const rate = fc.integer({ min: 0, max: LIMITS.rate });
const spread = fc.tuple(rate, rate, rate, rate).map(([a, b, c, mad]) => {
  const [low, median, high] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
  return { median, mad, low, high };
});
const levels = fc.uniqueArray(fc.integer({ min: 1, max: LIMITS.streams }), {
  maxLength: LIMITS.levels,
}).map((counts) => counts.sort((a, b) => a - b));

export const figures: fc.Arbitrary<FiguresRecord> = plain({
  ...shape('figures'),
  network: hash,
  profile: hash,
  class: hash,
  prefill: rate,
  decode: rate,
  streams: fc.integer({ min: 1, max: LIMITS.streams }),
  streamRate: rate,
  context: tokens,
  at: amount,
});

export const fingerprint: fc.Arbitrary<FingerprintRecord> = plain({
  ...shape('fingerprint'),
  network: hash,
  executor: hash,
  profile: hash,
  class: hash,
  beacon: epoch,
  runs: fc.nat({ max: LIMITS.runs }),
  prefill: spread,
  decode: spread,
  streams: fc.tuple(levels, spread).map(([counts, one]) =>
    counts.map((streams) => ({ streams, ...one }))
  ),
  context: tokens,
  contextFailed: tokens,
  raw: plain({
    backend: fc.constantFrom(...['gpu', 'cpu', 'none'] as const),
    rate,
    memory: fc.nat({ max: LIMITS.memory }),
  }),
  jobs: fc.array(hash, { maxLength: LIMITS.probeJobs }),
  features: fc.array(fc.integer({ min: -LIMITS.feature, max: LIMITS.feature }), {
    maxLength: LIMITS.features,
  }),
  transcript: hash,
  at: amount,
});

export const proof: fc.Arbitrary<ProofRecord> = plain({
  ...shape('proof'),
  network: hash,
  statement: fc.constantFrom(...['sample', 'epoch-total', 'standing'] as const),
  subject: hash,
  key: hash,
  publics: hash,
  proof: bytes(LIMITS.proofBytes),
  at: amount,
});

export const record: fc.Arbitrary<LogRecord> = fc.oneof(
  identity,
  job,
  settle,
  capability,
  artifact,
  claim,
  figures,
  fingerprint,
  proof,
  ...audits,
);

export const profile: fc.Arbitrary<Profile> = plain({
  version: fc.constant(1 as const),
  kind,
  file: hash,
  size: amount,
  architecture: text(64),
  quantisation: text(64),
  chatTemplate: hash,
  tokenizer: hash,
  vocabulary: hash,
  contextSize: fc.integer({ min: 1, max: LIMITS.tokens }),
  kvType: fc.constant('f16' as const),
  flashAttention: fc.boolean(),
  sampler: text(64),
  topK: fc.integer({ min: 1, max: LIMITS.topK }),
  parent: optionalHash,
  adapters,
  layers,
});
