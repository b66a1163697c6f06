import { equalBytes, toHex } from '../base/mod.ts';
import type { JobRecord } from '../records/mod.ts';
import { entryHash, type Hex, isOwnJob, type Known } from '../trust/mod.ts';
import { type Attempt, attemptOf } from './attempt.ts';
import { escrowFor } from './cost.ts';
import type { Desk } from './desk.ts';
import { creditOf } from './standing.ts';
import type { LedgerFindingCode } from './types.ts';

/** More than all accounts together may have. */
const MOST_ESCROW = 2 ** 52;

/**
 * Takes an offer: what it may cost at most is held, from what its author has, then on credit.
 * @param job its id @param isNew the attempt is not known
 * @returns null where the offer counts for nothing
 */
export function takeOffer(
  entry: Known<JobRecord>,
  job: Hex,
  isNew: boolean,
  seq: number,
  { book, market, world }: Desk,
): Attempt | null {
  const { owner, place, record } = entry;
  const refuse = (code: LedgerFindingCode, detail: string): null => {
    world.refuse(code, place, owner, detail);
    return null;
  };
  const { promptTokens, priceCap, resumeAt, sampling: { maxTokens } } = record;
  const requester = book.member(owner);
  if (!isOwnJob(entry)) {
    return refuse('job-unknown', 'it is of another requester, or its id is wrong');
  }
  if (!isNew) return refuse('job-twice', 'the attempt was offered before');
  if (equalBytes(record.executor, record.requester)) {
    return refuse('job-self', 'its author answers it: nothing is paid');
  }
  const coefficients = market.of(record.profile);
  if (coefficients === undefined) return refuse('profile-unknown', toHex(record.profile));
  if (requester.account.status === 'banned') return refuse('job-banned', 'its author is banned');
  const asked = toHex(record.executor), member = book.get(asked);
  // One text for all attempts of an executor: they are kept for long.
  const executor = member?.account.key ?? asked;
  if (member?.account.status === 'banned') {
    return refuse('job-banned', 'its executor is banned');
  }
  if (maxTokens > world.maxTokens) {
    return refuse('job-amount', `more than ${world.maxTokens} tokens`);
  }
  const escrow = escrowFor({ priceCap, promptTokens, resumeAt, maxTokens }, coefficients);
  if (escrow > MOST_ESCROW) return refuse('job-amount', `${escrow} is more than there can be`);
  const own = Math.min(escrow, requester.account.available), credit = escrow - own;
  if (credit > creditOf(requester, world) || (credit > 0 && !book.lend(requester, credit))) {
    return refuse('job-unfunded', `it may cost ${escrow}, there are ${own}`);
  }
  book.move(requester, 'available', requester, 'escrow', own);
  const offered = world.cut, due = offered + world.rules.settleCuts, profile = coefficients.id;
  if (escrow > 0) {
    const { attempt } = record, offer = entryHash(entry);
    world.emit({ type: 'escrow', account: owner, job, attempt, offer, amount: escrow });
  }
  const requested = { seq, job, requester: owner, executor, profile, offered, escrow, due };
  return attemptOf(record, requested);
}
