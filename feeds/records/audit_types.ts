import type { ProofStatement } from './statements.ts';
import type { Bytes32 } from './types.ts';

/** A core's length and tree hash that a cut fixes. */
export interface CutHead {
  core: Bytes32;
  length: number;
  treeHash: Bytes32;
}

/** A witness as a cut states it. */
export interface Seat {
  key: Bytes32;
  weight: number;
}

/**
 * Log `attestations`: a witness proposes the cut that ends an epoch. `heads` are those of cores that
 * grew since the cut before, in the order of their keys.
 */
export interface ProposalRecord {
  type: 'proposal';
  network: Bytes32;
  epoch: number;
  round: number;
  /** Hash of the cut before; zeros for epoch 0. */
  previous: Bytes32;
  heads: CutHead[];
  /** Round in which this same cut had the prevotes of a quorum; null if never. */
  validRound: number | null;
  /** The witnesses from some epochs later on, in the order of their keys; null: as before. */
  seats: Seat[] | null;
  witness: Bytes32;
  /** 64 bytes, Ed25519 by `witness` over everything above. */
  signature: Uint8Array;
}

/** Log `attestations`: a witness's vote in one step of one round; null votes for no cut. */
export interface VoteRecord {
  type: 'vote';
  network: Bytes32;
  epoch: number;
  round: number;
  step: 'prevote' | 'precommit';
  cut: Bytes32 | null;
  witness: Bytes32;
  /** 64 bytes, Ed25519 by `witness` over everything above. */
  signature: Uint8Array;
}

/**
 * Log `attestations`: a witness commits to its share of the beacons: `anchor` is the `length`-fold
 * hash of a secret, and the reveal for epoch `from + i` is that which hashes to it in `i + 1` steps.
 */
export interface BeaconChainRecord {
  type: 'beaconChain';
  network: Bytes32;
  anchor: Bytes32;
  length: number;
  from: number;
}

/** Log `attestations`: a witness's share of the beacon of an epoch whose cut is certified. */
export interface BeaconRevealRecord {
  type: 'beaconReveal';
  network: Bytes32;
  epoch: number;
  value: Bytes32;
}

/** A model and a determinism class. */
export interface ModelClass {
  profile: Bytes32;
  class: Bytes32;
}

/** Log `attestations`: what an auditor can check from here on; replaces the entry before. */
export interface AuditorRecord {
  type: 'auditor';
  network: Bytes32;
  offerings: ModelClass[];
  at: number;
}

/** Log `attestations`: measured honest deviation; `table` is an encoded calibration. */
export interface CalibrationRecord {
  type: 'calibration';
  profile: Bytes32;
  executorClass: Bytes32;
  auditorClass: Bytes32;
  table: Uint8Array;
  at: number;
}

/** Log `attestations`: an auditor asks for an attempt to be opened to it. */
export interface RequestRecord {
  type: 'request';
  network: Bytes32;
  /** {@link recordHash} of the `artifact`, or of the `settle` or `claim` where there is none. */
  subject: Bytes32;
  job: Bytes32;
  attempt: number;
  at: number;
}

/** Log `jobs` (by the requester) or `artifacts` (by the executor): the job key, sealed to an auditor. */
export interface OpenRecord {
  type: 'open';
  subject: Bytes32;
  job: Bytes32;
  attempt: number;
  auditor: Bytes32;
  /** 24 bytes of nonce, 48 bytes of tweetnacl's box from the writer's box key to the auditor's. */
  sealed: Uint8Array;
  at: number;
}

/** What an auditor may find. `trigger` draws a panel and accuses nobody. */
export type Finding = 'ok' | 'trigger' | 'fraud' | 'inconclusive';

/** Log `attestations`: commitment to a verdict; see {@link verdictCommitment}. */
export interface VerdictCommitRecord {
  type: 'verdictCommit';
  network: Bytes32;
  subject: Bytes32;
  value: Bytes32;
  at: number;
}

/** The auditor's own reading of an output position that the beacon drew. */
export interface Reading {
  position: number;
  /** Its own byte for the claimed token there. */
  byte: number;
  /** Largest raw logit's token there. */
  top: number;
}

/** Log `attestations`: a verdict, opened. */
export interface VerdictRevealRecord {
  type: 'verdictReveal';
  network: Bytes32;
  subject: Bytes32;
  /** Index of the `verdictCommit` in the same log. */
  commit: number;
  finding: Finding;
  /** {@link recordHash} of the `calibration` entry that was used; null without one. */
  calibration: Bytes32 | null;
  /** Log e-values of the job, whole units of 1/65536 nat, rounded down; empty without calibration. */
  evidence: number[];
  readings: Reading[];
  /** Positions looked at, and those where the auditor's own draw is another token. */
  positions: number;
  mismatches: number;
  /** What is shown in words; empty where there is nothing. */
  detail: string;
  salt: Bytes32;
}

/** Log `attestations`: hash of a plan of planted jobs, before they are run. */
export interface CanaryRecord {
  type: 'canary';
  network: Bytes32;
  plan: Bytes32;
  at: number;
}

/** A planted job, and whether it was honest. */
export interface Planted {
  job: Bytes32;
  attempt: number;
  honest: boolean;
}

/** Log `attestations`: the plan, opened once the verdicts are in. */
export interface CanaryRevealRecord {
  type: 'canaryReveal';
  network: Bytes32;
  /** Index of the `canary` entry in the same log. */
  commit: number;
  planted: Planted[];
  salt: Bytes32;
}

/** Log `artifacts`: moves what its author may spend into its bond. */
export interface BondRecord {
  type: 'bond';
  network: Bytes32;
  /** micro-NCU. */
  amount: number;
  at: number;
}

/** Log `artifacts`: asks for a part of the bond back, some cuts later. */
export interface UnbondRecord {
  type: 'unbond';
  network: Bytes32;
  /** micro-NCU. */
  amount: number;
  at: number;
}

/**
 * Log `attestations`: what an identity signed and may not have signed, so that it stands for itself.
 * `heads`: two heads of one core, of one length and fork, with different trees. `fork`: one head of a
 * core whose fork is above 0: its writer has truncated it. `votes`: two encoded `vote` or `proposal`
 * records of one witness that exclude each other. `proof`: an encoded `proof` record and an opening
 * (`encodeOpening`) of the public inputs that it names, for which that proof does not hold.
 */
export interface EquivocationRecord {
  type: 'equivocation';
  network: Bytes32;
  offender: Bytes32;
  proof: 'heads' | 'fork' | 'votes' | 'proof';
  /** A head as `encodeHead` of the proofs makes it, or an encoded record. */
  first: Uint8Array;
  /** Likewise; empty for `fork`. */
  second: Uint8Array;
  at: number;
}

/** Log `attestations`: a witness vouches for the ledger's root after an epoch's cut. */
export interface LedgerRootRecord {
  type: 'ledgerRoot';
  network: Bytes32;
  epoch: number;
  root: Bytes32;
  /** Poseidon root over all accounts after it; null: this witness has not got it yet. */
  accounts: Bytes32 | null;
  /** Poseidon root over what each executor was paid in it; null likewise. */
  receipts: Bytes32 | null;
}

/**
 * Log `artifacts`: a zero-knowledge proof of what was computed in one attempt. Its public inputs hold
 * token ids: only a salted hash of them is public, see {@link publicsHash}.
 */
export interface ProofRecord {
  type: 'proof';
  network: Bytes32;
  statement: ProofStatement;
  /** {@link recordHash} of the `artifact` that it is about; zeros where it is about none. */
  subject: Bytes32;
  /** Hash of the verification key. */
  key: Bytes32;
  /** Salted hash of the public inputs. */
  publics: Bytes32;
  /** Groth16 over BN254: 256 bytes, A, B and C uncompressed, big-endian. */
  proof: Uint8Array;
  at: number;
}

/** Entries of the audits and of the ledger. */
export type AuditRecord =
  | ProposalRecord
  | VoteRecord
  | BeaconChainRecord
  | BeaconRevealRecord
  | AuditorRecord
  | CalibrationRecord
  | RequestRecord
  | OpenRecord
  | VerdictCommitRecord
  | VerdictRevealRecord
  | CanaryRecord
  | CanaryRevealRecord
  | BondRecord
  | UnbondRecord
  | EquivocationRecord
  | LedgerRootRecord
  | ProofRecord;
