import { equalBytes, messageOf, NexusError } from '../../feeds/base/mod.ts';
import {
  COMMIT,
  commitBytes,
  commitStops,
  commitTokens,
  decodeRecord,
  jobId,
  type JobRecord,
  keyHash,
  type VerifyFunction,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';
import { channelId, type Offer } from './offer.ts';
import type { TokenCosts } from './purse.ts';

/** One profile as this executor serves it. */
export interface Served {
  /** Profile id. */
  profile: Uint8Array;
  /** Determinism class. */
  class: Uint8Array;
  /** micro-NCU an output token. */
  price: number;
  /** In which proportion prompt tokens cost; null or absent: only output tokens cost anything. */
  costs?: TokenCosts | null;
  contextSize: number;
  /** Output tokens of one job, at most. */
  maxTokens: number;
  /** Jobs that decode at once. */
  slots: number;
}

/** What an offer is checked against. */
export interface OfferContext {
  network: Uint8Array;
  /** This executor's identity key. */
  me: Uint8Array;
  /** Identity key of the channel's other end. */
  peer: Uint8Array;
  /** Id of the channel that it came on. */
  channel: Uint8Array;
  served: readonly Served[];
  verify: VerifyFunction;
}

/** An offer that may be taken. */
export interface CheckedOffer {
  record: JobRecord;
  served: Served;
}

/**
 * Checks an offer: cheap comparisons first, hashes next, the signature last.
 * @throws {NexusError} one code a rule: `BAD_OFFER`, `NOT_FOR_ME`, `OTHER_NETWORK`, `UNSUPPORTED`,
 * `NOT_SERVED`, `PRICE`, `TOO_LONG`, `BAD_COMMITMENT`, `BAD_SIGNATURE`
 */
export async function checkOffer(offer: Offer, context: OfferContext): Promise<CheckedOffer> {
  const record = offeredJob(offer.job);
  if (!equalBytes(record.network, context.network)) {
    throw no('OTHER_NETWORK', 'the job belongs to another network', 'Join the same network.');
  }
  if (!equalBytes(record.executor, context.me)) {
    throw no('NOT_FOR_ME', 'the job was offered to another executor');
  }
  if (!equalBytes(record.requester, context.peer)) {
    throw no('BAD_OFFER', 'the job is not the connected peer’s own');
  }
  if (!equalBytes(channelId(record.job, record.attempt), context.channel)) {
    throw no('BAD_OFFER', 'the channel is not the one of this attempt');
  }
  if (record.layers !== null || record.adapters.length > 0) {
    throw no('UNSUPPORTED', 'adapters and parts of models are not served');
  }
  const served = context.served.find((s) => equalBytes(s.profile, record.profile));
  if (served === undefined) {
    throw no('NOT_SERVED', 'this model is not served here', 'Ask a node that announces it.');
  }
  checkLimits(record, offer, served);
  checkCommitments(record, offer);
  if (!await verifyRecordSignature(record, context.verify)) {
    throw no('BAD_SIGNATURE', 'the offer’s signature does not hold');
  }
  return { record, served };
}

/**
 * The record in an offer, unchecked.
 * @throws {NexusError} `BAD_OFFER`
 */
export function offeredJob(bytes: Uint8Array): JobRecord {
  try {
    // Own bytes: the record outlives the message that it is a view on.
    const record = decodeRecord(bytes.slice());
    if (record.type === 'job') return record;
  } catch (thrown) {
    throw no('BAD_OFFER', `the job cannot be read: ${messageOf(thrown)}`);
  }
  throw no('BAD_OFFER', 'the offer holds another kind of record');
}

function checkLimits(record: JobRecord, offer: Offer, served: Served): void {
  const { sampling } = record;
  if (record.promptTokens !== offer.prompt.length || record.resumeAt !== offer.prefix.length) {
    throw no('BAD_OFFER', 'the token counts do not agree with the tokens');
  }
  if (offer.prompt.length === 0) throw no('BAD_OFFER', 'the prompt is empty');
  if (record.resumeAt >= sampling.maxTokens) throw no('BAD_OFFER', 'nothing is left to do');
  if (sampling.maxTokens > served.maxTokens) {
    throw no('TOO_LONG', `at most ${served.maxTokens} output tokens are served`);
  }
  if (offer.prompt.length + sampling.maxTokens > served.contextSize) {
    throw no(
      'TOO_LONG',
      `${offer.prompt.length} + ${sampling.maxTokens} tokens exceed ${served.contextSize}`,
    );
  }
  if (record.priceCap < served.price) {
    throw no('PRICE', `${served.price} micro-NCU a token are asked, ${record.priceCap} offered`);
  }
}

function checkCommitments(record: JobRecord, offer: Offer): void {
  const { jobKey } = offer;
  const key = keyHash(jobKey);
  const holds: [string, Uint8Array, Uint8Array][] = [
    ['job key', record.keyHash, key],
    ['prompt', record.prompt, commitTokens(jobKey, COMMIT.prompt, offer.prompt)],
    ['prefix', record.prefix, commitTokens(jobKey, COMMIT.prefix(record.attempt), offer.prefix)],
    ['nonce', record.nonce, commitBytes(jobKey, COMMIT.nonce, offer.nonce)],
    ['stops', record.stops, commitStops(jobKey, offer.stops)],
    ['job id', record.job, jobId(record.requester, record.prompt, record.nonce, key)],
  ];
  for (const [what, said, found] of holds) {
    if (!equalBytes(said, found)) throw no('BAD_COMMITMENT', `the ${what} does not match`);
  }
}

function no(code: string, message: string, hint?: string): NexusError {
  return new NexusError(
    code,
    message,
    hint === undefined ? { stage: 'offer' } : {
      hint,
      stage: 'offer',
    },
  );
}
