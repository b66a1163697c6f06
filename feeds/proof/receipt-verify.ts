import { asNexusError, toHex } from '../base/mod.ts';
import type { Receipt, ReceiptAttempt } from './receipt.ts';
import {
  checkAttempt,
  checkChain,
  checkIdentities,
  Checks,
  type OpenAttempt,
  type ReceiptCheck,
} from './receipt-checks.ts';
import { parseReceipt } from './receipt-json.ts';
import { checkOpening } from './receipt-opening.ts';
import { checkSampling, type SamplingCheck } from './receipt-sampling.ts';

/** What a receipt is worth. */
export interface ReceiptVerdict {
  /** True if every check passed. */
  ok: boolean;
  checks: ReceiptCheck[];
  /** In plain words; empty unless `ok`. */
  establishes: string[];
  doesNotEstablish: string[];
}

/**
 * Checks a receipt offline: signatures, proofs that the entries stand in their authors' logs, that
 * everything is about the same job, and, if it is opened, that prompt and output are the committed
 * ones. Never throws on what a file may hold.
 *
 * @param receipt the text of the file, or what `parseReceipt` made of it (without the checksum then)
 * @param sampling checks proofs of sampling; left out, they are told to be unchecked
 */
export async function verifyReceipt(
  receipt: string | Receipt,
  { sampling }: { sampling?: SamplingCheck } = {},
): Promise<ReceiptVerdict> {
  const checks = new Checks();
  let parsed: Receipt;
  try {
    parsed = typeof receipt === 'string' ? parseReceipt(receipt) : receipt;
  } catch (thrown) {
    const { code, message } = asNexusError(thrown);
    const failed = { name: 'file', ok: false, detail: `${code}: ${message}` };
    return { ok: false, checks: [failed], establishes: [], doesNotEstablish: ['Anything.'] };
  }
  if (typeof receipt === 'string') await checks.run('file', 'complete and unchanged', () => true);
  const owners = await checkIdentities(parsed.identities, checks);
  const attempts: OpenAttempt[] = [];
  const pairs: { i: number; attempt: ReceiptAttempt; open: OpenAttempt }[] = [];
  await checks.run('content', 'it is about at least one attempt', () => parsed.attempts.length > 0);
  for (const [i, attempt] of parsed.attempts.entries()) {
    const open = await checkAttempt(i, attempt, owners, checks);
    if (open === null) continue;
    attempts.push(open);
    pairs.push({ i, attempt, open });
  }
  await checkChain(attempts, checks);
  if (parsed.opening !== null) await checkOpening(parsed.opening, attempts, checks);
  const shown: string[] = [];
  for (const { i, attempt, open } of sampling === undefined ? [] : pairs) {
    const at = `attempt ${i}`, { opening } = parsed;
    const said = await checkSampling(at, attempt, open, opening, owners, checks, sampling!);
    if (said !== null) shown.push(said);
  }
  const { ok, list } = checks;
  if (!ok) {
    const doesNotEstablish = ['Anything: at least one check failed.'];
    return { ok, checks: list, establishes: [], doesNotEstablish };
  }
  const words = inWords(attempts, parsed);
  words.establishes.push(...shown);
  if (parsed.attempts.some(({ sampling }) => sampling !== undefined)) {
    words.doesNotEstablish.push(
      shown.length === 0
        ? 'That the proof of sampling in the file holds: this program did not check it.'
        : 'That the positions of the proof of sampling are those that the network’s beacon drew: ' +
          'nexus audit shows that to who is in the network.',
    );
  }
  return { ok, checks: list, ...words };
}

const short = (key: Uint8Array): string => `${toHex(key).slice(0, 16)}…`;

function inWords(
  attempts: readonly OpenAttempt[],
  receipt: Receipt,
): Pick<ReceiptVerdict, 'establishes' | 'doesNotEstablish'> {
  const establishes: string[] = [];
  const doesNotEstablish: string[] = [];
  for (const { job, artifact, settle, logged } of attempts) {
    const at = attempts.length > 1 ? `Attempt ${job.attempt}: requester` : 'Requester';
    establishes.push(
      `${at} ${short(job.requester)} signed the offer of job ${short(job.job)} to executor ` +
        `${short(job.executor)}${logged.job ? ' and holds it in its log' : ''}.`,
    );
    if (artifact !== null) {
      establishes.push(
        `Executor ${short(job.executor)} signed that it answered with ${artifact.tokens} tokens ` +
          `(finish: ${artifact.finish})${logged.artifact ? ' and holds that in its log' : ''}.`,
      );
      if (!logged.artifact) {
        doesNotEstablish.push(
          `That the executor's summary of attempt ${job.attempt} stands in its public log.`,
        );
      }
    } else {
      doesNotEstablish.push(
        `What executor ${short(job.executor)} says about attempt ${job.attempt}: no summary of it.`,
      );
    }
    if (settle !== null) {
      establishes.push(
        `The requester logged the attempt as ${settle.outcome}, with ${settle.tokens} tokens received.`,
      );
    } else doesNotEstablish.push(`That attempt ${job.attempt} was settled.`);
  }
  if (receipt.opening === null) {
    doesNotEstablish.push('What was asked and answered: the file holds salted commitments only.');
  } else {
    establishes.push(
      'The token ids of prompt and answer in this file, the model profile, the stop strings and ' +
        'the nonce are those committed to before and after the work. The file contains them, the ' +
        'text and the key of the job in clear.',
    );
    doesNotEstablish.push(
      'That the text and the messages are what the token ids spell: running it again shows that.',
    );
  }
  doesNotEstablish.push(
    'That the answer was computed with the model named: running it again, or an audit, shows that.',
    'When it happened and how long it took: times are claims of the two parties.',
    'That the logs were not rewritten elsewhere: it shows them as of the lengths signed here.',
    'That the two keys belong to different people.',
  );
  return { establishes, doesNotEstablish };
}
