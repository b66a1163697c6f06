import { concatBytes, NexusError, sha256 } from '../../feeds/base/mod.ts';
import {
  COMMIT,
  commitBytes,
  commitStops,
  commitTokens,
  encodeRecord,
  jobId,
  type JobRecord,
  keyHash,
  type Sampling,
  type SeenHead,
  type SignFunction,
  signRecord,
} from '../../feeds/records/mod.ts';
import { WIRE_LIMITS } from './bodies.ts';
import type { TokenCosts } from './purse.ts';
import type { JobMessage } from './wire.ts';

/** An offer: the signed record and what the executor needs beside it. The rest is never logged. */
export interface Offer {
  /** Bytes of the signed `job` record. */
  job: Uint8Array;
  /** 32 bytes; salts every commitment. */
  jobKey: Uint8Array;
  /** 32 bytes; the seed follows from it. */
  nonce: Uint8Array;
  prompt: number[];
  /** Output ids of earlier attempts. */
  prefix: number[];
  stops: string[];
}

/** What all attempts of one job share. */
export interface Job {
  /** 32 bytes, public. */
  id: Uint8Array;
  network: Uint8Array;
  /** Profile id. */
  profile: Uint8Array;
  requester: Uint8Array;
  parent: Uint8Array | null;
  /** 32 secret bytes. */
  key: Uint8Array;
  nonce: Uint8Array;
  prompt: readonly number[];
  stops: readonly string[];
  sampling: Sampling;
  /** micro-NCU an output token, at most. */
  priceCap: number;
  /** In which proportion prompt tokens cost; null or absent: only output tokens cost anything. */
  costs?: TokenCosts | null;
}

/** Fixes a job; its id follows from the rest. */
export function prepareJob(parts: Omit<Job, 'id'>): Job {
  const { key, requester } = parts;
  const prompt = commitTokens(key, COMMIT.prompt, parts.prompt);
  const nonce = commitBytes(key, COMMIT.nonce, parts.nonce);
  return { ...parts, id: jobId(requester, prompt, nonce, keyHash(key)) };
}

/** One attempt: to whom, with which tokens already there. */
export interface AttemptParts {
  attempt: number;
  executor: Uint8Array;
  prefix: readonly number[];
  heads: SeenHead[];
  /** Milliseconds since 1970. */
  at: number;
}

/** A signed offer with its record decoded. */
export interface BuiltOffer {
  record: JobRecord;
  /** Bytes of the record. */
  bytes: Uint8Array;
  offer: Offer;
}

/**
 * Signs the record of one attempt and puts the offer together.
 * @throws {NexusError} `RECORD_BAD_FIELD` if a parameter is out of the schema's bounds
 */
export async function buildOffer(
  job: Job,
  parts: AttemptParts,
  sign: SignFunction,
): Promise<BuiltOffer> {
  const { key } = job;
  const record = await signRecord<JobRecord>({
    type: 'job',
    job: job.id,
    attempt: parts.attempt,
    kind: 'text',
    parent: job.parent,
    network: job.network,
    profile: job.profile,
    adapters: [],
    layers: null,
    requester: job.requester,
    executor: parts.executor,
    prompt: commitTokens(key, COMMIT.prompt, job.prompt),
    promptTokens: job.prompt.length,
    resumeAt: parts.prefix.length,
    prefix: commitTokens(key, COMMIT.prefix(parts.attempt), parts.prefix),
    nonce: commitBytes(key, COMMIT.nonce, job.nonce),
    keyHash: keyHash(key),
    stops: commitStops(key, job.stops),
    sampling: job.sampling,
    priceCap: job.priceCap,
    heads: parts.heads,
    at: parts.at,
  }, sign);
  const bytes = encodeRecord(record);
  const offer: Offer = {
    job: bytes,
    jobKey: key,
    nonce: job.nonce,
    prompt: [...job.prompt],
    prefix: [...parts.prefix],
    stops: [...job.stops],
  };
  return { record, bytes, offer };
}

/** The messages that carry an offer, in order. */
export function offerMessages(offer: Offer): JobMessage[] {
  const { job, jobKey, nonce, stops } = offer;
  const ids = [...offer.prompt, ...offer.prefix];
  const messages: JobMessage[] = [{ type: 'offer', job, jobKey, nonce, stops }];
  for (let at = 0; at < ids.length; at += WIRE_LIMITS.pieceIds) {
    messages.push({ type: 'ids', ids: ids.slice(at, at + WIRE_LIMITS.pieceIds) });
  }
  return messages;
}

/** Id of the channel of one attempt: 32 bytes. */
export function channelId(job: Uint8Array, attempt: number): Uint8Array {
  const number = new DataView(new ArrayBuffer(4));
  number.setUint32(0, attempt);
  return sha256(concatBytes(job, new Uint8Array(number.buffer)));
}

/**
 * Room for an answer: `maxTokens`, cut to what the context has beside the prompt.
 * @throws {NexusError} `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `BAD_MAX_TOKENS`
 */
export function roomFor(prompt: number, maxTokens: number, contextSize: number): number {
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) {
    throw new NexusError('BAD_MAX_TOKENS', `cannot answer in ${maxTokens} tokens`, {
      hint: 'ask for at least one token',
      stage: 'offer',
    });
  }
  if (prompt === 0) {
    throw new NexusError('PROMPT_EMPTY', 'the prompt has no tokens', {
      hint: 'give a prompt',
      stage: 'offer',
    });
  }
  if (prompt >= contextSize) {
    throw new NexusError(
      'PROMPT_TOO_LONG',
      `the prompt has ${prompt} tokens, the model's context holds ${contextSize}`,
      { hint: 'shorten the prompt, or use a model with a larger context', stage: 'offer' },
    );
  }
  return Math.min(maxTokens, contextSize - prompt);
}
