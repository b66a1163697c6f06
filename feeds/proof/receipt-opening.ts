import { equalBytes } from '../base/mod.ts';
import {
  COMMIT,
  commitBytes,
  commitStops,
  commitTokens,
  digestOf,
  keyHash,
  profileId,
} from '../records/mod.ts';
import type { ReceiptOpening } from './receipt.ts';
import type { Checks, OpenAttempt } from './receipt-checks.ts';

/** Checks that the opening is what the parties committed to. */
export async function checkOpening(
  opening: ReceiptOpening,
  attempts: readonly OpenAttempt[],
  checks: Checks,
): Promise<void> {
  const { jobKey, nonce, prompt, output, bytes, stops } = opening;
  for (const { job, artifact, settle } of attempts) {
    const at = `attempt ${job.attempt}`;
    await checks.run(`${at}: opened offer`, 'key, prompt, nonce, stops, prefix and profile', () => {
      must(equalBytes(keyHash(jobKey), job.keyHash), 'the job key is another one');
      const ids = commitTokens(jobKey, COMMIT.prompt, prompt);
      must(prompt.length === job.promptTokens, 'the prompt has another length');
      must(equalBytes(ids, job.prompt), 'the prompt is another one');
      must(equalBytes(commitBytes(jobKey, COMMIT.nonce, nonce), job.nonce), 'another nonce');
      must(equalBytes(commitStops(jobKey, stops), job.stops), 'other stop strings');
      must(equalBytes(profileId(opening.profile), job.profile), 'another model profile');
      must(job.resumeAt <= output.length, 'the output ends before the prefix does');
      const prefix = commitTokens(
        jobKey,
        COMMIT.prefix(job.attempt),
        output.slice(0, job.resumeAt),
      );
      must(equalBytes(prefix, job.prefix), 'the prefix is another one');
    });
    const covers = (tokens: number, root: Uint8Array): void => {
      const to = job.resumeAt + tokens;
      must(output.length >= to && bytes.length >= to, 'the output is shorter');
      const of = { jobKey, job: job.job, attempt: job.attempt };
      const ids = output.slice(job.resumeAt, to);
      const found = digestOf(of, ids, bytes.subarray(job.resumeAt, to));
      must(equalBytes(found, root), 'other ids or bytes');
    };
    const digest = settle?.digest ?? null;
    if (digest !== null) {
      const detail = 'the ids and bytes that the executor signed';
      await checks.run(`${at}: opened digest`, detail, () => covers(digest.tokens, digest.digest));
    }
    // Of an attempt that was cut off, the requester may not have everything.
    if (artifact === null || (settle !== null && settle.tokens !== artifact.tokens)) continue;
    const detail = 'the ids and bytes that the executor committed to';
    await checks.run(`${at}: opened output`, detail, () => covers(artifact.tokens, artifact.root));
  }
  const last = attempts.at(-1);
  const tokens = last?.settle?.tokens ?? last?.artifact?.tokens;
  if (last === undefined || tokens === undefined) return;
  await checks.run('opened length', 'the output ends where the last attempt does', () => {
    const whole = last.job.resumeAt + tokens;
    must(output.length === whole && bytes.length === whole, 'the output has another length');
  });
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
