import { bool, fixed, uint } from './codec.ts';
import {
  absentBefore,
  blob,
  integer,
  list,
  nullable,
  struct,
  type StructCodec,
  text,
  word,
} from './combine.ts';
import { LIMITS } from './limits.ts';
import { PROOF_STATEMENTS } from './statements.ts';
import type {
  AuditorRecord,
  AuditRecord,
  BeaconChainRecord,
  BeaconRevealRecord,
  BondRecord,
  CalibrationRecord,
  CanaryRecord,
  CanaryRevealRecord,
  CutHead,
  EquivocationRecord,
  Finding,
  LedgerRootRecord,
  ModelClass,
  OpenRecord,
  Planted,
  ProofRecord,
  ProposalRecord,
  Reading,
  RequestRecord,
  Seat,
  UnbondRecord,
  VerdictCommitRecord,
  VerdictRevealRecord,
  VoteRecord,
} from './audit_types.ts';

const hash = fixed(32);
const signature = fixed(64);
const attempt = uint(LIMITS.attempts);
const tokens = uint(LIMITS.tokens);
const epoch = uint(LIMITS.epochs);
const round = uint(LIMITS.rounds);
const at = uint();
const index = uint(LIMITS.blocks);

type Body<T extends AuditRecord> = Omit<T, 'type'>;

/** Of a cut's proposal. */
export const seats = list(
  struct<Seat>({ key: hash, weight: uint(LIMITS.seatWeight, 1) }),
  LIMITS.seats,
);

const proposal = struct<Body<ProposalRecord>>({
  network: hash,
  epoch,
  round,
  previous: hash,
  heads: list(
    struct<CutHead>({ core: hash, length: uint(LIMITS.blocks, 1), treeHash: hash }),
    LIMITS.cutHeads,
  ),
  validRound: nullable(round),
  seats: absentBefore(seats, 32 + 64),
  witness: hash,
  signature,
});

const vote = struct<Body<VoteRecord>>({
  network: hash,
  epoch,
  round,
  step: word<'prevote' | 'precommit'>('prevote', 'precommit'),
  cut: nullable(hash),
  witness: hash,
  signature,
});

const beaconChain = struct<Body<BeaconChainRecord>>({
  network: hash,
  anchor: hash,
  length: uint(LIMITS.beaconChain, 1),
  from: epoch,
});

const beaconReveal = struct<Body<BeaconRevealRecord>>({ network: hash, epoch, value: hash });

const auditor = struct<Body<AuditorRecord>>({
  network: hash,
  offerings: list(struct<ModelClass>({ profile: hash, class: hash }), LIMITS.offerings),
  at,
});

const calibration = struct<Body<CalibrationRecord>>({
  profile: hash,
  executorClass: hash,
  auditorClass: hash,
  table: blob(LIMITS.calibrationBytes),
  at,
});

const request = struct<Body<RequestRecord>>({
  network: hash,
  subject: hash,
  job: hash,
  attempt,
  at,
});

const open = struct<Body<OpenRecord>>({
  subject: hash,
  job: hash,
  attempt,
  auditor: hash,
  sealed: fixed(72),
  at,
});

const verdictCommit = struct<Body<VerdictCommitRecord>>({
  network: hash,
  subject: hash,
  value: hash,
  at,
});

const verdictReveal = struct<Body<VerdictRevealRecord>>({
  network: hash,
  subject: hash,
  commit: index,
  finding: word<Finding>('ok', 'trigger', 'fraud', 'inconclusive'),
  calibration: nullable(hash),
  evidence: list(integer(LIMITS.logEvidence), LIMITS.alternatives),
  readings: list(
    struct<Reading>({ position: tokens, byte: uint(255), top: tokens }),
    LIMITS.readings,
  ),
  positions: tokens,
  mismatches: tokens,
  detail: text(LIMITS.detail),
  salt: hash,
});

const canary = struct<Body<CanaryRecord>>({ network: hash, plan: hash, at });

const canaryReveal = struct<Body<CanaryRevealRecord>>({
  network: hash,
  commit: index,
  planted: list(struct<Planted>({ job: hash, attempt, honest: bool }), LIMITS.planted),
  salt: hash,
});

const amount = uint(Number.MAX_SAFE_INTEGER, 1);
const bond = struct<Body<BondRecord>>({ network: hash, amount, at });
const unbond = struct<Body<UnbondRecord>>({ network: hash, amount, at });

const equivocation = struct<Body<EquivocationRecord>>({
  network: hash,
  offender: hash,
  proof: word<EquivocationRecord['proof']>('heads', 'fork', 'votes', 'proof'),
  first: blob(LIMITS.contradictionBytes),
  second: blob(LIMITS.contradictionBytes),
  at,
});

const ledgerRoot = struct<Body<LedgerRootRecord>>({
  network: hash,
  epoch,
  root: hash,
  accounts: nullable(hash),
  receipts: nullable(hash),
});

const proof = struct<Body<ProofRecord>>({
  network: hash,
  statement: word(...PROOF_STATEMENTS),
  subject: hash,
  key: hash,
  publics: hash,
  proof: fixed(LIMITS.proofBytes),
  at,
});

/** Codecs of the entries of audits and ledger, in the order of their kinds' bytes. */
export const AUDIT_KINDS = [
  ['proposal', proposal],
  ['vote', vote],
  ['beaconChain', beaconChain],
  ['beaconReveal', beaconReveal],
  ['auditor', auditor],
  ['calibration', calibration],
  ['request', request],
  ['open', open],
  ['verdictCommit', verdictCommit],
  ['verdictReveal', verdictReveal],
  ['canary', canary],
  ['canaryReveal', canaryReveal],
  ['bond', bond],
  ['unbond', unbond],
  ['equivocation', equivocation],
  ['ledgerRoot', ledgerRoot],
  ['proof', proof],
] as unknown as readonly (readonly [AuditRecord['type'], StructCodec<Body<AuditRecord>>])[];
