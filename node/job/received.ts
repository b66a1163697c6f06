import { equalBytes, messageOf, NexusError } from '../../feeds/base/mod.ts';
import {
  type ArtifactRecord,
  decodeRecord,
  digestMessage,
  type FinishReason,
  RunningDigest,
  type SignedDigest,
  verifyEd25519,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';
import { recordHash } from '../../feeds/records/mod.ts';
import type { BuiltOffer, Job } from './offer.ts';
import { costOf } from './purse.ts';
import type { JobMessage } from './wire.ts';

/** The finish reasons that an executor may end an answer with. */
const WHOLE: readonly FinishReason[] = ['end', 'length', 'stop'];

/** Tokens as a message brings them. */
export type Batch = Pick<Extract<JobMessage, { type: 'tokens' }>, 'position' | 'ids' | 'bytes'>;

/** What the requester got of one attempt, checked as it comes. */
export class Received {
  readonly ids: number[] = [];
  /** One artifact byte an id. */
  readonly bytes: number[] = [];
  readonly #job: Job;
  readonly #offer: BuiltOffer;
  readonly #digest: RunningDigest;
  #signed: SignedDigest | null = null;

  constructor(job: Job, offer: BuiltOffer) {
    this.#job = job;
    this.#offer = offer;
    const { attempt } = offer.record;
    this.#digest = new RunningDigest({ jobKey: job.key, job: job.id, attempt });
  }

  /** The executor's newest digest that holds. */
  get signed(): SignedDigest | null {
    return this.#signed;
  }

  /**
   * Takes output ids in, with their artifact bytes.
   * @throws {NexusError} `BAD_TOKENS` for a gap, a repeat, nothing at all, more than was asked, or
   * other than one byte an id
   */
  take({ position, ids, bytes }: Batch): void {
    const { resumeAt, sampling } = this.#offer.record;
    const due = resumeAt + this.ids.length;
    if (position !== due) throw bad('BAD_TOKENS', `position ${position} came, ${due} was due`);
    if (ids.length === 0) throw bad('BAD_TOKENS', 'an empty batch came');
    if (due + ids.length > sampling.maxTokens) {
      throw bad('BAD_TOKENS', `more than ${sampling.maxTokens} tokens came`);
    }
    if (bytes.length !== ids.length) {
      throw bad('BAD_TOKENS', `${bytes.length} bytes came for ${ids.length} tokens`);
    }
    ids.forEach((id, i) => {
      this.ids.push(id);
      this.bytes.push(bytes[i]!);
      this.#digest.push(id, bytes[i]!);
    });
  }

  /**
   * Checks a running digest. It must cover exactly what came before it.
   * @throws {NexusError} `BAD_DIGEST`
   */
  digest(said: SignedDigest): Promise<void> {
    // The comparison happens now, the signature check may finish after more tokens came.
    if (said.tokens !== this.ids.length || said.tokens <= (this.#signed?.tokens ?? 0)) {
      return Promise.reject(bad('BAD_DIGEST', `a digest over ${said.tokens} tokens is not due`));
    }
    if (!equalBytes(said.digest, this.#digest.digest())) {
      return Promise.reject(bad('BAD_DIGEST', 'the digest is not that of the tokens'));
    }
    const { tokens } = said;
    const kept = { tokens, digest: said.digest.slice(), signature: said.signature.slice() };
    const { record: { executor }, bytes } = this.#offer;
    const message = digestMessage(recordHash(bytes), tokens, kept.digest);
    return verifyEd25519(executor, message, kept.signature).then((holds) => {
      if (!holds) throw bad('BAD_DIGEST', 'the digest’s signature does not hold');
      this.#signed = kept;
    });
  }

  /**
   * Checks the executor's signed summary against what came.
   * @param purpose `whole` ends the answer; `part` may be of a cancelled or failed attempt
   * @throws {NexusError} `BAD_SUMMARY`
   */
  async summary(
    bytes: Uint8Array,
    cls: Uint8Array,
    purpose: 'whole' | 'part',
  ): Promise<ArtifactRecord> {
    const artifact = artifactRecord(bytes);
    const { record } = this.#offer;
    const n = this.ids.length;
    const wrong = (what: string): NexusError =>
      bad('BAD_SUMMARY', `the summary’s ${what} is wrong`);
    if (!equalBytes(artifact.job, record.job)) throw wrong('job');
    if (artifact.attempt !== record.attempt) throw wrong('attempt');
    if (!equalBytes(artifact.executor, record.executor)) throw wrong('executor');
    if (!equalBytes(artifact.offer, recordHash(this.#offer.bytes))) throw wrong('offer');
    if (!equalBytes(artifact.class, cls)) throw wrong('class');
    if (artifact.promptTokens !== record.promptTokens) throw wrong('prompt length');
    if (artifact.resumeAt !== record.resumeAt) throw wrong('start');
    if (artifact.tokens !== n) throw wrong(`token count (${artifact.tokens}, not ${n})`);
    if (!equalBytes(artifact.root, this.#digest.digest())) throw wrong('root');
    const most = costOf(record.priceCap, this.#job.costs ?? null, record.promptTokens, n);
    if (artifact.ncu > most) throw wrong('price');
    const whole = WHOLE.includes(artifact.finish);
    if (purpose === 'whole' && !whole) throw wrong('finish reason');
    const full = record.resumeAt + n === record.sampling.maxTokens;
    if (artifact.finish === 'length' && !full) throw wrong('finish reason');
    if (!await verifyRecordSignature(artifact, verifyEd25519)) throw wrong('signature');
    return artifact;
  }
}

function artifactRecord(bytes: Uint8Array): ArtifactRecord {
  try {
    const record = decodeRecord(bytes);
    if (record.type === 'artifact') return record;
  } catch (thrown) {
    throw bad('BAD_SUMMARY', `the summary cannot be read: ${messageOf(thrown)}`);
  }
  throw bad('BAD_SUMMARY', 'the summary is another kind of record');
}

function bad(code: string, message: string): NexusError {
  return new NexusError(code, message, {
    hint: 'the executor does not keep to the protocol: it is avoided from now on',
  });
}
