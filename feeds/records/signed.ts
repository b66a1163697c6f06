import { concatBytes } from '../base/mod.ts';
import { encodeRecord } from './record.ts';
import type { ProposalRecord, VoteRecord } from './audit_types.ts';
import type { ArtifactRecord, IdentityRecord, JobRecord, LogRecord } from './types.ts';

/** Records that carry their author's signature, so that they stand outside their log too. */
export type SignedRecord =
  | IdentityRecord
  | JobRecord
  | ArtifactRecord
  | ProposalRecord
  | VoteRecord;

const SIGNERS = {
  identity: (record: IdentityRecord) => record.publicKey,
  job: (record: JobRecord) => record.requester,
  artifact: (record: ArtifactRecord) => record.executor,
  proposal: (record: ProposalRecord) => record.witness,
  vote: (record: VoteRecord) => record.witness,
};

/** A signed record that has not been signed yet. */
export type Unsigned<T extends SignedRecord> = Omit<T, 'signature'>;

/** Makes a 64-byte Ed25519 signature. */
export type SignFunction = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** Checks a 64-byte Ed25519 signature by a 32-byte public key; false for anything malformed. */
export type VerifyFunction = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

const SIGNATURE_BYTES = 64;
/** Keeps record signatures apart from every other message that the same key signs. */
const DOMAIN = new TextEncoder().encode('nexus/signed-record/1\0');

/** True for kinds that carry a signature. */
export function isSigned(record: LogRecord): record is SignedRecord {
  return Object.hasOwn(SIGNERS, record.type);
}

/** The key that must have signed a record. */
export function signerOf(record: SignedRecord): Uint8Array {
  return SIGNERS[record.type](record as never);
}

/** What is signed of a record, from its encoding: a domain tag, then all bytes but the signature. */
export function signingBodyOf(bytes: Uint8Array): Uint8Array {
  return concatBytes(DOMAIN, bytes.subarray(0, Math.max(0, bytes.length - SIGNATURE_BYTES)));
}

/** What is signed of a record. A signature in it, if any, does not matter. */
export function signingBody(record: Unsigned<SignedRecord>): Uint8Array {
  const blank = { ...record, signature: new Uint8Array(SIGNATURE_BYTES) };
  return signingBodyOf(encodeRecord(blank as SignedRecord));
}

/**
 * Signs a record.
 * @throws {NexusError} `RECORD_BAD_FIELD` if a field is out of bounds
 */
export async function signRecord<T extends SignedRecord>(
  record: Unsigned<T>,
  sign: SignFunction,
): Promise<T> {
  const body = signingBody(record as unknown as Unsigned<SignedRecord>);
  return { ...record, signature: await sign(body) } as T;
}

/** True if a record's signature is its author's ({@link signerOf}). */
export async function verifyRecordSignature(
  record: SignedRecord,
  verify: VerifyFunction,
): Promise<boolean> {
  return await verify(signerOf(record), signingBody(record), record.signature);
}
