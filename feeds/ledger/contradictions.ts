import { equalBytes } from '../base/mod.ts';
import {
  ackMessage,
  type ArtifactRecord,
  type ClaimRecord,
  digestMessage,
  type JobRecord,
  recordHash,
  type SettleRecord,
  verifyEd25519,
  type VerifyFunction,
} from '../records/mod.ts';

/**
 * True if a requester acknowledged more tokens of an attempt than it settled: it signed both. An
 * honest one settles at least what it acknowledged, since acknowledgements follow what was received.
 * @param settle of the requester's own log, for the same attempt as the claim
 */
export async function contradictsAck(
  requester: Uint8Array,
  settle: SettleRecord,
  claim: ClaimRecord,
  verify: VerifyFunction = verifyEd25519,
): Promise<boolean> {
  const { job, attempt, ack } = claim;
  const isSame = equalBytes(job, settle.job) && attempt === settle.attempt &&
    equalBytes(claim.requester, requester);
  if (!isSame || ack.tokens <= settle.tokens) return false;
  return await verify(requester, ackMessage(job, attempt, ack.tokens), ack.signature);
}

/**
 * True if an executor signed another output while it streamed than its artifact commits to.
 *
 * Digests are Merkle roots over salted chunks: of two at different counts, neither can be derived from
 * the other without the output, so that only those are compared that cover equally many tokens. A
 * signed digest over more tokens than the artifact has is a contradiction, too: what was streamed and
 * signed is not there to be audited. A digest over fewer shows nothing by itself.
 *
 * Digests do not name their offer, so an artifact counts only where it answers the one that is logged,
 * and an executor must never serve one attempt twice, also where a restart lies between.
 * @param offer bytes of the `job` entry @param job the same, decoded
 * @param artifact of the executor's own log @param settle of the requester's
 */
export async function contradictsDigest(
  offer: Uint8Array,
  job: JobRecord,
  artifact: ArtifactRecord,
  settle: SettleRecord,
  verify: VerifyFunction = verifyEd25519,
): Promise<boolean> {
  const { digest } = settle;
  const isOf = (entry: { job: Uint8Array; attempt: number; executor: Uint8Array }): boolean =>
    equalBytes(entry.job, job.job) && entry.attempt === job.attempt &&
    equalBytes(entry.executor, job.executor);
  if (digest === null || !isOf(artifact) || !isOf(settle)) return false;
  if (!equalBytes(artifact.offer, recordHash(offer))) return false;
  const { tokens } = digest;
  if (tokens < artifact.tokens) return false;
  if (tokens === artifact.tokens && equalBytes(digest.digest, artifact.root)) return false;
  const message = digestMessage(job.job, job.attempt, tokens, digest.digest);
  return await verify(job.executor, message, digest.signature);
}
