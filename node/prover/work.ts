import type { HiddenPosition, SampleStatement } from '../../circuits/mod.ts';
import { fromHex, NexusError } from '../../feeds/base/mod.ts';
import { seedOf } from '../../feeds/records/mod.ts';
import type { Subject } from '../../feeds/trust/mod.ts';
import {
  leafSalt,
  openPayload,
  type PayloadStore,
  unsealOpenings,
  unsealShown,
} from '../payloads/mod.ts';
import { positionsOf, type ProofTarget, statementOf } from './statement.ts';

/** Token ids are below it: bits of an id in a leaf. */
const MAX_VOCABULARY = 2 ** 24;

/** What is kept of an attempt at its executor. */
export type KeptAttempts = Pick<PayloadStore, 'get' | 'openings' | 'shown' | 'keyOf'>;

/** All that a proof of one of this node's own answers is made of. */
export interface ProofWork {
  statement: SampleStatement;
  hidden: HiddenPosition[];
  jobKey: Uint8Array;
}

/**
 * Gathers what a proof is made of from what this executor keeps.
 * @throws {NexusError} `PROOF_NOT_KEPT`, `PAYLOAD_…`
 */
export async function workOf(
  network: Uint8Array,
  target: ProofTarget & { subject: Subject },
  store: KeptAttempts,
): Promise<ProofWork> {
  const { subject: { job: id, attempt, profile } } = target;
  const job = fromHex(id, 32), jobKey = store.keyOf(id, attempt);
  const positions = positionsOf(target);
  const [payload, opened, shown] = await Promise.all([
    store.get(job, attempt),
    store.openings(job, attempt, positions),
    store.shown(job, attempt, positions),
  ]);
  if (jobKey === null || payload === null || opened === null || shown === null) {
    throw new NexusError('PROOF_NOT_KEPT', 'what that answer was drawn from is not kept any more', {
      hint: 'answers are kept for twice the challenge window, as far as the disk has room',
    });
  }
  const of = { jobKey, job, attempt };
  const { payload: { output }, nonce } = openPayload(payload, of, MAX_VOCABULARY);
  const seed = seedOf(network, fromHex(profile, 32), nonce);
  const statement = statementOf(network, target, seed, unsealShown(shown, of), output);
  const hidden = unsealOpenings(opened, of).map(({ position, z }) => ({
    z,
    salt: leafSalt(of, position),
  }));
  return { statement, hidden, jobKey };
}
