import { asNexusError, counted, NexusError } from '../../feeds/base/mod.ts';
import {
  buildReceipt,
  entryFromJson,
  parseReceipt,
  type Receipt,
  RECEIPT_LIMITS,
  type ReceiptAttempt,
  samplingFromJson,
} from '../../feeds/proof/mod.ts';
import { decodeRecord, type JobRecord } from '../../feeds/records/mod.ts';
import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import { call } from '../control/mod.ts';
import { pathsOf } from '../home/mod.ts';
import { short } from './answer.ts';
import type { Output } from './output.ts';
import { FORGEABLE } from './pinned_key.ts';
import { writePrivate } from './private_file.ts';

interface Flags {
  home?: string | undefined;
  out?: string | undefined;
}

/** Makes the proof of an own answer, or puts the proof of somebody else's into the receipt of it. */
export async function proveSample(
  word: string,
  flags: Flags,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const { socket } = pathsOf(flags.home);
  if (!/^[0-9a-f]{8,64}$/i.test(word)) return await intoReceipt(word, socket, flags, out, signal);
  await out.note('making the proof: some seconds of a free processor');
  const made = await call(socket, 'prove', { job: word }, signal) as {
    job: string;
    insecure: boolean;
  };
  await out.event({ event: 'sample-proven', ...made });
  await out.result(`the proof of ${short(made.job)} stands in the log of this node`);
  if (made.insecure) await out.warn(FORGEABLE);
}

async function intoReceipt(
  path: string,
  socket: string,
  { out: to = path }: Flags,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const receipt = parseReceipt(await readReceipt(path));
  if (receipt.opening === null) {
    throw new NexusError(
      'RECEIPT_CLOSED',
      'this receipt holds no text that a proof could be about',
      {
        hint: 'make the receipt with its text: a proof shows candidates of some of its tokens',
      },
    );
  }
  let count = 0, insecure = false;
  const failed: unknown[] = [];
  for (const attempt of receipt.attempts) {
    try {
      if (await prove(attempt, receipt, socket, signal)) insecure = true;
      count++;
    } catch (thrown) {
      failed.push(thrown);
    }
  }
  if (count === 0) throw asNexusError(failed[0], 'PROOF_UNKNOWN');
  for (const why of failed) await out.note(`not proven: ${asNexusError(why).message}`);
  await writeReceipt(to, buildReceipt(receipt));
  await out.event({ event: 'receipt-proven', path: to, proofs: count, insecure });
  await out.result(to);
  await out.note(`${counted(count, 'proof')} of sampling in it: nexus verify ${to}`);
  if (insecure) await out.warn(FORGEABLE);
}

async function writeReceipt(path: string, text: string): Promise<void> {
  try {
    await writePrivate(path, text);
  } catch (cause) {
    throw new NexusError('PROOF_NOT_WRITTEN', `cannot write ${path}`, {
      hint: 'name another file: -o <file>',
      cause,
    });
  }
}

/** @returns true: anybody can forge such a proof */
async function prove(
  attempt: ReceiptAttempt,
  receipt: Receipt,
  socket: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { job, attempt: number } = decodeRecord(attempt.job.value) as JobRecord;
  const asked = { job: toHex(job), attempt: number };
  const answer = await call(socket, 'proof', asked, signal) as Record<string, unknown>;
  attempt.sampling = samplingFromJson(answer.sampling);
  const identity = entryFromJson(answer.identity);
  const isKnown = receipt.identities.some(({ value, proof }) =>
    equalBytes(value, identity.value) &&
    equalBytes(proof?.head.key ?? value, identity.proof!.head.key)
  );
  if (!isKnown) receipt.identities.push(identity);
  return answer.insecure === true;
}

async function readReceipt(path: string): Promise<string> {
  try {
    const { size } = await Deno.stat(path);
    if (size <= 2 * RECEIPT_LIMITS.characters) return await Deno.readTextFile(path);
  } catch (cause) {
    throw new NexusError('RECEIPT_UNREADABLE', `cannot read ${path}`, {
      hint: 'name a job of this node by its id, or the file that nexus run --receipt wrote',
      cause,
    });
  }
  throw new NexusError('RECEIPT_TOO_LARGE', `${path} is larger than a receipt can be`);
}
