import type { NexusError } from '../../feeds/base/mod.ts';
import { attemptCost, type Coefficients } from '../../feeds/ledger/mod.ts';
import type { JobRecord } from '../../feeds/records/mod.ts';
import type { Job } from './offer.ts';

/** What of a profile's coefficients a cost follows from. */
export type TokenCosts = Pick<Coefficients, 'prompt' | 'output'>;

/**
 * What an attempt costs, micro-NCU.
 * @param price micro-NCU an output token
 * @param costs of the profile; null where there is no ledger: its output tokens alone then
 */
export function costOf(
  price: number,
  costs: TokenCosts | null,
  promptTokens: number,
  tokens: number,
): number {
  return costs === null ? price * tokens : attemptCost(price, costs, promptTokens, tokens);
}

/** An attempt that somebody is to pay for. */
export interface Spending extends
  Pick<
    JobRecord,
    'job' | 'attempt' | 'requester' | 'profile' | 'priceCap' | 'promptTokens' | 'resumeAt'
  > {
  /** Output tokens of the whole answer, at most. */
  maxTokens: number;
  /** `recordHash` of the offer, by which its executor knows it again; null: one's own. */
  offer: Uint8Array | null;
}

/** Whether an attempt can be paid for, with all that no cut covers yet set aside. */
export interface Purse {
  /** Why it cannot be; null where it can. */
  refuse(spending: Spending): NexusError | null;
  /** The same, and sets aside the most that it may cost. */
  reserve(spending: Spending): NexusError | null;
  /** It has come to its end: no more than `cost` of it is needed, micro-NCU. */
  settle(job: Uint8Array, attempt: number, cost: number): void;
}

/** Where nothing costs anything. */
export const FREE: Purse = { refuse: () => null, reserve: () => null, settle: () => {} };

/** What one more attempt of a job may cost its requester. @param done output tokens that are there */
export function spendingOn(job: Job, attempt: number, done: number): Spending {
  const { id, requester, profile, priceCap, prompt, sampling: { maxTokens } } = job;
  const promptTokens = prompt.length;
  return {
    job: id,
    attempt,
    requester,
    profile,
    priceCap,
    promptTokens,
    resumeAt: done,
    maxTokens,
    offer: null,
  };
}

/** What an offer asks its requester to pay. @param offer `recordHash` of it */
export function spendingOf(
  { sampling: { maxTokens }, ...record }: JobRecord,
  offer: Uint8Array,
): Spending {
  const { job, attempt, requester, profile, priceCap, promptTokens, resumeAt } = record;
  return { job, attempt, requester, profile, priceCap, promptTokens, resumeAt, maxTokens, offer };
}
