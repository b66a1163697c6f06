import { equalBytes } from '../base/mod.ts';
import { decodeRecord, type ProofRecord, recordHash, seedOf, TOP_P_OFF } from '../records/mod.ts';
import { verifyBlock } from './block.ts';
import type { Checks, OpenAttempt, Owners } from './receipt-checks.ts';
import type { ReceiptAttempt, ReceiptOpening, ReceiptShown } from './receipt.ts';

/** What a proof of an attempt's sampling is to be checked against; all of it holds already. */
export interface SampledClaim {
  network: Uint8Array;
  /** Hash of the artifact's entry. */
  subject: Uint8Array;
  beacon: number;
  draw: Uint8Array;
  topkRoot: Uint8Array;
  resumeAt: number;
  tokens: number;
  tq: number;
  jobKey: Uint8Array;
  /** The sampler's. */
  seed: Uint8Array;
  /** Ids of the attempt. */
  output: number[];
  shown: ReceiptShown[];
  record: ProofRecord;
}

/**
 * Checks a proof of sampling: circuits are no concern of this room.
 * @returns what it shows, in plain words
 * @throws why it does not hold
 */
export type SamplingCheck = (claim: SampledClaim) => Promise<string>;

/**
 * Checks the proof of an attempt's sampling, if it has one.
 * @param check left out: it is told that nobody looked at it
 * @returns what it shows, in plain words; null for nothing
 */
export async function checkSampling(
  at: string,
  { artifact: entry, sampling }: ReceiptAttempt,
  { job, artifact }: OpenAttempt,
  opening: ReceiptOpening | null,
  owners: Owners,
  checks: Checks,
  check: SamplingCheck,
): Promise<string | null> {
  if (sampling === undefined) return null;
  let record: ProofRecord | null = null;
  const logged = 'the proof stands in the log of the executor, about this artifact';
  await checks.run(`${at}: proof in the log`, logged, async () => {
    const { value, proof } = sampling.entry;
    const decoded = decodeRecord(value);
    if (decoded.type !== 'proof') throw new Error(`it is a ${decoded.type}`);
    if (entry === null || !equalBytes(decoded.subject, recordHash(entry.value))) {
      throw new Error('it is about another artifact');
    }
    if (!equalBytes(decoded.network, job.network)) throw new Error('it is of another network');
    // It has no signature of its own.
    if (proof === null) throw new Error('nothing shows that the executor wrote it');
    const owner = owners(proof.head.key);
    if (owner?.log !== 'artifacts' || !equalBytes(owner.owner, job.executor)) {
      throw new Error('the log is not that of the executor');
    }
    await verifyBlock(proof, value);
    record = decoded;
  });
  if (record === null) return null;
  const known: ProofRecord = record;
  let sentence: string | null = null;
  await checks.run(`${at}: proof of sampling`, '', async () => {
    if (opening === null) throw new Error('it is about an answer that this file does not open');
    if (artifact === null || artifact.topkRoot === null) throw new Error('no candidates');
    if (job.sampling.pq !== TOP_P_OFF) throw new Error('the answer was drawn with top-p');
    const { tokens, resumeAt, topkRoot } = artifact, { jobKey, nonce, output } = opening;
    sentence = await check({
      network: job.network,
      subject: known.subject,
      beacon: sampling.beacon,
      draw: sampling.draw,
      topkRoot,
      resumeAt,
      tokens,
      tq: job.sampling.tq,
      jobKey,
      seed: seedOf(job.network, job.profile, nonce),
      output: output.slice(resumeAt, resumeAt + tokens),
      shown: sampling.shown,
      record: known,
    });
    return `${sampling.shown.length} positions`;
  });
  return sentence;
}
