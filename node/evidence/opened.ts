import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { EvidenceOpening, Replayed } from '../../feeds/evidence/mod.ts';
import {
  keyHash,
  profileId,
  verifyEd25519,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';
import type { Subject } from '../../feeds/trust/mod.ts';
import { type Contradiction, contradictions, type Payload } from '../audit/mod.ts';
import { entryAt, signedBy, type SignedWork } from '../auditor/mod.ts';
import { seedOfPayload } from '../check/mod.ts';
import { type Opening, openPayload, unsealOpenings, verifyOpening } from '../payloads/mod.ts';

/** An opened answer that is what was signed and committed to. */
export interface OpenedSubject {
  subject: Subject;
  signed: SignedWork;
  payload: Payload;
  /** 32 bytes: seed of the draw. */
  seed: Uint8Array;
  /** What tokens were drawn from, as the executor opened it under the root that it signed. */
  candidates: Opening[];
}

/** What is known of a model's vocabulary. */
export interface VocabularyFacts {
  size: number;
  endTokens: readonly number[];
}

/** No id is larger: what an entry can hold. */
const ANY_VOCABULARY = 2 ** 32;

/** The blocks of a replay, read as those of a store are. */
export function logsOf({ block }: Pick<Replayed, 'block'>): Pick<Feeds, 'read'> {
  return {
    async *read(core, { start = 0, end = start + 1 } = {}) {
      const key = toHex(core);
      for (let index = start; index < end; index++) yield { index, value: block(key, index) };
    },
  };
}

/**
 * Opens an answer, and checks that it is the one that its executor signed.
 * @throws {NexusError} why it is not
 */
export async function openSubject(
  { sealed, candidates, profile, vocabulary }: EvidenceOpening,
  subject: Subject,
  jobKey: Uint8Array,
  replayed: Replayed,
): Promise<OpenedSubject> {
  const logs = logsOf(replayed);
  const signed = await signedBy(logs, subject);
  const { job } = signed;
  if (!equalBytes(keyHash(jobKey), job.keyHash)) throw no('the job key is another one');
  if (!equalBytes(profileId(profile), job.profile)) throw no('the model profile is another one');
  if (subject.kind === 'artifact') {
    const artifact = await entryAt(logs, subject.place, ['artifact']);
    if (!await verifyRecordSignature(artifact, verifyEd25519)) {
      throw no('the executor has not signed its summary');
    }
  }
  const of = { jobKey, job: job.job, attempt: job.attempt };
  const { payload, nonce } = openPayload(sealed, of, vocabulary?.size ?? ANY_VOCABULARY);
  const { output, bytes } = payload;
  // Of an attempt that broke off more may be kept than its executor has signed.
  const until = signed.tokens;
  const cut = output.length > until
    ? { ...payload, output: output.slice(0, until), bytes: bytes.slice(0, until) }
    : payload;
  const seed = seedOfPayload({ jobKey, nonce }, signed, cut);
  const opened = candidates === null ? [] : unsealOpenings(candidates, of);
  for (const one of opened) {
    if (signed.topk === null || !await verifyOpening(one, signed.topk, of)) {
      throw no(`the candidates at ${one.position} are not those that the executor committed to`);
    }
  }
  return { subject, signed, payload: cut, seed, candidates: opened };
}

/** Contradictions that are found without knowing the vocabulary. */
const OF_CANDIDATES: readonly Contradiction['code'][] = ['CANDIDATES_IMPOSSIBLE', 'DRAW_DIFFERS'];

/**
 * What an executor signed that cannot all be: everybody finds the same, without the model.
 * @param facts null: what follows from them is left out
 */
export function contradictionsOf(
  { signed, payload, seed, candidates }: OpenedSubject,
  { profile }: EvidenceOpening,
  facts: VocabularyFacts | null,
): Contradiction[] {
  const { size, endTokens } = facts ?? { size: ANY_VOCABULARY, endTokens: [] };
  const { prompt, prefix, output } = payload;
  const { finish, job: { sampling } } = signed;
  const { contextSize, topK } = profile;
  const ends = new Set(endTokens);
  const claim = { prompt, prefix, output, finish, sampling, seed };
  const isEnd = (id: number) => ends.has(id);
  const found = contradictions(
    claim,
    { contextSize, topK, vocabularySize: size, isEnd },
    candidates,
  );
  return facts === null ? found.filter(({ code }) => OF_CANDIDATES.includes(code)) : found;
}

/** The subject of a replay that an opening is of. @throws {NexusError} if it is not audited there */
export function subjectOf(replayed: Replayed, { subject }: EvidenceOpening): Subject {
  const found = replayed.subjects.get(subject)?.subject;
  if (found === undefined) throw no(`the logs hold no answer ${subject.slice(0, 16)}`);
  return found;
}

function no(message: string): NexusError {
  return new NexusError('EVIDENCE_BAD_OPENING', message, {
    hint: 'the transcript in the file is not the one that was audited; the rest may still hold',
  });
}
