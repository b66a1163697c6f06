/**
 * The schema of every log entry: types, codecs, commitments, digests, signatures. Pure.
 * @module
 */
export type * from './types.ts';
export type * from './audit_types.ts';
export type * from './figure_types.ts';
export { cutHash, verdictCommitment } from './audit_hash.ts';
export { PROOF_STATEMENTS, type ProofStatement } from './statements.ts';
export { LIMITS, TOP_P_OFF } from './limits.ts';
export { BadField, bool, type Codec, decodeWith, encodeWith, fixed, uint } from './codec.ts';
export {
  decodeOpening,
  encodeOpening,
  publicsHash,
  type PublicsOpening,
  publicsSalt,
} from './publics.ts';
export { blob, integer, list, nullable, struct, text, word } from './combine.ts';
export { messageCodec, type MessageFields } from './messages.ts';
export { decodeRecord, encodeRecord, recordHash } from './record.ts';
export {
  decodeProfile,
  encodeProfile,
  profileFromJson,
  profileId,
  profileToJson,
} from './profile.ts';
export {
  COMMIT,
  commitBytes,
  commitStops,
  commitTokens,
  jobId,
  keyHash,
  seedOf,
} from './commit.ts';
export {
  ackMessage,
  chunkLeaf,
  digestMessage,
  digestOf,
  RunningDigest,
  type Salted,
} from './digest.ts';
export {
  isSigned,
  type SignedRecord,
  signerOf,
  type SignFunction,
  signingBody,
  signingBodyOf,
  signRecord,
  type Unsigned,
  type VerifyFunction,
  verifyRecordSignature,
} from './signed.ts';
// Used with records nearly everywhere; they stand below, since they do not need the codecs.
export { cleanText, importSigner, type Signer, verifyEd25519 } from '../base/mod.ts';
