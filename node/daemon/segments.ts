import { decodeRecord, type JobRecord, type SignedDigest } from '../../feeds/records/mod.ts';
import type { Payload } from '../audit/mod.ts';
import type { Ask } from '../check/mod.ts';
import type { AttemptReceipt, ReceiptParts } from '../job/mod.ts';

/** What one attempt gave to an answer. */
export interface Segment {
  job: JobRecord;
  /** What its executor signed; null where it was lost before it had signed anything. */
  ask: Omit<Ask, 'payload'> | null;
  /** Empty where `ask` is null. */
  payload: Payload;
}

/** The attempts that gave tokens to an answer, each with as much of it as its executor signed. */
export function segmentsOf(parts: ReceiptParts): Segment[] {
  const { attempts, prompt, output, bytes, jobKey, nonce } = parts;
  return attempts.flatMap((attempt, i): Segment[] => {
    const from = attempt.resumeAt, to = attempts[i + 1]?.resumeAt ?? output.length;
    if (to === from) return [];
    const job = decodeRecord(attempt.job) as JobRecord;
    const { artifact, digest, tokens } = signedBy(attempt, to - from);
    const end = from + tokens;
    const payload = {
      prompt,
      prefix: output.slice(0, from),
      output: output.slice(from, end),
      bytes: bytes.slice(from, end),
    };
    const secrets = { jobKey, nonce, class: attempt.class ?? new Uint8Array(32) };
    const ask = tokens === 0 ? null : { job: attempt.job, artifact, digest, ...secrets };
    return [{ job, ask, payload }];
  });
}

/**
 * How many of the tokens the executor has signed for, and by what: its artifact where that is about
 * just these (an answer that was broken off has fewer of them), else its last digest.
 */
function signedBy(
  { artifact, settle }: AttemptReceipt,
  tokens: number,
): { artifact: Uint8Array; digest: SignedDigest | null; tokens: number } {
  const record = artifact === null ? null : decodeRecord(artifact);
  if (record?.type === 'artifact' && record.tokens === tokens) {
    return { artifact: artifact!, digest: null, tokens };
  }
  const end = settle === null ? null : decodeRecord(settle);
  const digest = end?.type === 'settle' ? end.digest : null;
  const isPart = digest !== null && digest.tokens <= tokens;
  return { artifact: new Uint8Array(), digest, tokens: isPart ? digest.tokens : 0 };
}
