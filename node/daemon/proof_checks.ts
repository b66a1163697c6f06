import { asNexusError, fromHex, NexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { seedOf } from '../../feeds/records/mod.ts';
import type { SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Duty, Hex } from '../../feeds/trust/mod.ts';
import { entryAt, keyFor, signedBy } from '../auditor/mod.ts';
import { seedOfPayload } from '../check/mod.ts';
import { openPayload } from '../payloads/mod.ts';
import { type Examined, examineProof, positionsOf, type ProverProcess } from '../prover/mod.ts';
import type { Transcripts } from './transcripts.ts';

/** Token ids are below it. */
const MAX_VOCABULARY = 2 ** 24;
/** What does not come within this is asked for again with the next cut. */
const FETCH_MS = 30_000;

export interface ProofCheckDeps {
  network: Uint8Array;
  /** Its X25519 secret. */
  secret: Uint8Array;
  feeds: Pick<Feeds, 'read'>;
  transcripts: Pick<Transcripts, 'keyOf' | 'fetch' | 'shown'> & {
    kept: Pick<NonNullable<Transcripts['kept']>, 'get'> | null;
  };
  prover: Pick<ProverProcess, 'check'>;
}

/** Whose logs the cuts cover. */
type Writers = Parameters<typeof keyFor>[3];

/**
 * Checks the proof of an answer that this node got, gave, or is drawn to audit.
 * @param duty of this node about it, where it was opened to it
 * @throws {NexusError} what keeps it from being checked
 */
export async function checkMade(
  proof: SamplingProof,
  duty: Pick<Duty, 'opens'> | null,
  writers: Writers,
  deps: ProofCheckDeps,
  signal: AbortSignal,
): Promise<Examined> {
  const { feeds, network, prover, transcripts } = deps;
  const { subject, entry } = proof;
  const record = await entryAt(feeds, entry!.place, ['proof']);
  const signed = await signedBy(feeds, subject);
  const job = fromHex(subject.job, 32), { attempt } = subject;
  const own = transcripts.keyOf(subject.job, attempt);
  if (own === null && duty === null) throw closed();
  const jobKey = own ?? await keyFor(duty!, signed.job.keyHash, deps, writers);
  const of = { job, attempt, jobKey };
  const bound = () => AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);
  const { payload, nonce } = await transcript();
  const output = payload.output.slice(0, signed.tokens);
  const cut = { ...payload, output, bytes: payload.bytes.slice(0, signed.tokens) };
  seedOfPayload({ jobKey, nonce }, signed, cut);
  const seed = seedOf(network, signed.job.profile, nonce);
  const executor = fromHex(subject.executor, 32);
  const shown = await transcripts.shown(executor, of, positionsOf(proof), bound());
  return await examineProof(
    network,
    proof,
    record,
    { jobKey, seed, output, shown },
    prover,
    signal,
  );

  /** As it is kept here, else from whoever has it. */
  async function transcript() {
    const kept = await transcripts.kept?.get(job, attempt) ?? null;
    if (kept !== null) return openPayload(kept, of, MAX_VOCABULARY);
    let last: unknown = closed();
    for (const from of [subject.executor, subject.requester]) {
      try {
        return await transcripts.fetch(fromHex(from, 32), of, MAX_VOCABULARY, bound());
      } catch (thrown) {
        signal.throwIfAborted();
        last = thrown;
      }
    }
    throw asNexusError(last, 'PAYLOAD_UNAVAILABLE');
  }
}

/** True if this node may see what a proof is about. */
export function isEntitled(
  { subject: { requester } }: SamplingProof,
  me: Hex,
  duty: Pick<Duty, 'opens'> | null,
): boolean {
  return requester === me || duty !== null;
}

function closed(): NexusError {
  return new NexusError('NOT_ENTITLED', 'the answer was opened to others only', { stage: 'prove' });
}
