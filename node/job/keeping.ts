import type { BuiltTopk, Kept } from '../payloads/mod.ts';
import { within } from './clock.ts';
import type { Outcome } from './commitment.ts';
import type { BuiltOffer, Job } from './offer.ts';
import type { Received } from './received.ts';
import type { SessionParts } from './session.ts';

/** What the tokens were drawn from, with its commitment, if it is there in time. */
export async function topkOf(
  { ids, topk }: Outcome,
  { deps: { clock, rules } }: SessionParts,
): Promise<BuiltTopk | null> {
  if (topk === null || ids.length === 0) return null;
  const built = await within(clock, rules.topkMs, topk.finish(), null);
  return built?.candidates.length === ids.length ? built : null;
}

/** What the executor keeps for whoever audits it; null where it made nothing. */
export function produced(
  { offer: { jobKey, nonce, prompt, prefix, stops }, checked: { record } }: SessionParts,
  { ids, bytes }: Outcome,
  topk: BuiltTopk | null,
): Kept | null {
  if (ids.length === 0) return null;
  const { job, attempt } = record;
  const payload = { prompt, prefix, output: [...ids], bytes: Uint8Array.from(bytes) };
  return { job, attempt, jobKey, nonce, stops, payload, topk };
}

/** What the requester keeps: its executor may die, or hide what it made; null where nothing came. */
export function received(
  { id, key, nonce, stops, prompt }: Job,
  { record: { attempt }, offer: { prefix } }: BuiltOffer,
  { ids, bytes }: Received,
): Kept | null {
  if (ids.length === 0) return null;
  const payload = { prompt: [...prompt], prefix, output: [...ids], bytes: Uint8Array.from(bytes) };
  return { job: id, attempt, jobKey: key, nonce, stops: [...stops], payload, topk: null };
}
