import { equalBytes, messageOf, NexusError } from '../../feeds/base/mod.ts';
import {
  type ArtifactRecord,
  COMMIT,
  commitBytes,
  commitTokens,
  decodeRecord,
  digestMessage,
  digestOf,
  type FinishReason,
  jobId,
  type JobRecord,
  keyHash,
  type LogRecord,
  recordHash,
  seedOf,
  type VerifyFunction,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';
import type { Payload } from '../audit/mod.ts';
import type { Ask } from './wire.ts';

/** What an executor has signed of one attempt, as far as signatures tell. */
export interface Signed {
  job: JobRecord;
  /** Output tokens of this attempt that it stands for. */
  tokens: number;
  /** Salted root over their ids and bytes. */
  root: Uint8Array;
  /** `error` where it died before it could say. */
  finish: FinishReason;
  /** Determinism class. */
  class: Uint8Array;
}

/** What an ask is checked against. */
export interface ClaimContext {
  network: Uint8Array;
  /** Whoever asks. */
  peer: Uint8Array;
  verify: VerifyFunction;
}

/**
 * Checks that the requester offered this attempt and the executor signed for it.
 * @throws {NexusError} `BAD_CHECK`, `OTHER_NETWORK`, `UNSUPPORTED`, `BAD_SIGNATURE`
 */
export async function signedOf(ask: Ask, context: ClaimContext): Promise<Signed> {
  const job = recordOf(ask.job, 'job');
  if (!equalBytes(job.network, context.network)) {
    throw no('OTHER_NETWORK', 'the job belongs to another network');
  }
  if (!equalBytes(job.requester, context.peer)) {
    throw no('BAD_CHECK', 'the job is not the connected peer’s own');
  }
  if (job.layers !== null || job.adapters.length > 0) {
    throw no('UNSUPPORTED', 'adapters and parts of models are not checked here');
  }
  const signed = ask.artifact.length > 0
    ? byArtifact(job, recordOf(ask.artifact, 'artifact'), ask)
    : byDigest(job, ask);
  if (job.resumeAt + signed.tokens > job.sampling.maxTokens) {
    throw no('BAD_CHECK', `more than ${job.sampling.maxTokens} output tokens`);
  }
  if (!await verifyRecordSignature(job, context.verify)) {
    throw no('BAD_SIGNATURE', 'the requester’s signature does not hold');
  }
  if (!await signed.holds(context.verify)) {
    throw no('BAD_SIGNATURE', 'the executor’s signature does not hold');
  }
  const { tokens, root, finish } = signed;
  return { job, tokens, root, finish, class: signed.class };
}

type Unverified = Omit<Signed, 'job'> & { holds: (verify: VerifyFunction) => Promise<boolean> };

function byArtifact(job: JobRecord, artifact: ArtifactRecord, ask: Ask): Unverified {
  const same = equalBytes(artifact.job, job.job) && artifact.attempt === job.attempt &&
    equalBytes(artifact.executor, job.executor) &&
    equalBytes(artifact.offer, recordHash(ask.job)) &&
    artifact.promptTokens === job.promptTokens && artifact.resumeAt === job.resumeAt;
  if (!same) throw no('BAD_CHECK', 'the artifact belongs to another attempt');
  return {
    tokens: artifact.tokens,
    root: artifact.root,
    finish: artifact.finish,
    class: artifact.class,
    holds: (verify) => verifyRecordSignature(artifact, verify),
  };
}

function byDigest(job: JobRecord, ask: Ask): Unverified {
  const { digest } = ask;
  if (digest === null) throw no('BAD_CHECK', 'the executor has signed nothing');
  const message = digestMessage(recordHash(ask.job), digest.tokens, digest.digest);
  return {
    tokens: digest.tokens,
    root: digest.digest,
    finish: 'error',
    class: ask.class,
    holds: async (verify) => await verify(job.executor, message, digest.signature),
  };
}

/**
 * Checks that a payload is what was offered, and what the executor signed.
 * @returns 32 bytes: the seed of the draw
 * @throws {NexusError} `BAD_CHECK`, `BAD_COMMITMENT`
 */
export function seedOfPayload(
  ask: Pick<Ask, 'jobKey' | 'nonce'>,
  signed: Signed,
  payload: Payload,
): Uint8Array {
  const { job } = signed;
  const { prompt, prefix, output, bytes } = payload;
  if (
    prompt.length !== job.promptTokens || prefix.length !== job.resumeAt ||
    output.length !== signed.tokens
  ) throw no('BAD_CHECK', 'the token counts do not agree with the tokens');
  const { jobKey, nonce } = ask;
  const key = keyHash(jobKey), { attempt } = job;
  const holds: [string, Uint8Array, Uint8Array][] = [
    ['job key', job.keyHash, key],
    ['prompt', job.prompt, commitTokens(jobKey, COMMIT.prompt, prompt)],
    ['prefix', job.prefix, commitTokens(jobKey, COMMIT.prefix(attempt), prefix)],
    ['nonce', job.nonce, commitBytes(jobKey, COMMIT.nonce, nonce)],
    ['job id', job.job, jobId(job.requester, job.prompt, job.nonce, key)],
    ['root', signed.root, digestOf({ jobKey, job: job.job, attempt }, output, bytes)],
  ];
  for (const [what, said, found] of holds) {
    if (!equalBytes(said, found)) throw no('BAD_COMMITMENT', `the ${what} does not match`);
  }
  return seedOf(job.network, job.profile, nonce);
}

function recordOf<T extends LogRecord['type']>(
  bytes: Uint8Array,
  type: T,
): Extract<LogRecord, { type: T }> {
  let found: LogRecord;
  try {
    found = decodeRecord(bytes);
  } catch (thrown) {
    throw no('BAD_CHECK', `the ${type} cannot be read: ${messageOf(thrown)}`);
  }
  if (found.type !== type) throw no('BAD_CHECK', `a ${found.type} came instead of the ${type}`);
  return found as Extract<LogRecord, { type: T }>;
}

/** A refusal; nothing of it is this node's fault. */
export function no(code: string, message: string, hint?: string): NexusError {
  return new NexusError(code, message, {
    stage: 'check',
    ...(hint === undefined ? {} : { hint }),
  });
}
