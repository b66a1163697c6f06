import { toHex } from '../../feeds/base/mod.ts';
import type { EvidenceOpening } from '../../feeds/evidence/mod.ts';
import {
  COMMIT,
  commitBytes,
  commitTokens,
  digestOf,
  encodeRecord,
  type Finding,
  jobId,
  keyHash,
  type LogRecord,
  type Profile,
  profileId,
  recordHash,
} from '../../feeds/records/mod.ts';
import { buildTopk, sealPayload } from '../../node/payloads/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { sealOpenings } from '../../node/payloads/openings.ts';
import { bytes32, EXECUTOR_CLASS, type Party, type World } from '../trust/world.ts';

const profile: Profile = {
  version: 1,
  kind: 'text',
  file: bytes32('file'),
  size: 1,
  architecture: 'llama',
  quantisation: 'Q8_0',
  chatTemplate: bytes32('template'),
  tokenizer: bytes32('tokenizer'),
  vocabulary: bytes32('vocabulary'),
  contextSize: 512,
  kvType: 'f16',
  flashAttention: true,
  sampler: 'nexus/gumbel-int/1',
  topK: 32,
  parent: null,
  adapters: [],
  layers: null,
};
const VOCABULARY = { size: 1000, endTokens: [2] };
/** Of {@link answer}. */
export const jobKey = bytes32('the key of the job');

/** An answer with true commitments, which ends without an end token and was not drawn as claimed. */
export async function answer(world: World, requester: Party, executor: Party) {
  const prompt = [1, 5, 9], output = Array.from({ length: 40 }, (_, i) => 100 + i);
  const bytes = Uint8Array.from(output, (id) => 3 * id), nonce = bytes32('the nonce');
  const committed = {
    prompt: commitTokens(jobKey, COMMIT.prompt, prompt),
    nonce: commitBytes(jobKey, COMMIT.nonce, nonce),
    keyHash: keyHash(jobKey),
  };
  const job = jobId(requester.key, committed.prompt, committed.nonce, committed.keyHash);
  const offer = world.notary.sign<LogRecord>({
    type: 'job',
    job,
    attempt: 0,
    kind: 'text',
    parent: null,
    network: world.notary.network,
    profile: profileId(profile),
    adapters: [],
    layers: null,
    requester: requester.key,
    executor: executor.key,
    ...committed,
    promptTokens: prompt.length,
    resumeAt: 0,
    prefix: commitTokens(jobKey, COMMIT.prefix(0), []),
    stops: bytes32('stops'),
    sampling: { tq: 0, pq: 65_536, maxTokens: 40 },
    priceCap: 1,
    heads: [],
    at: 0,
    signature: new Uint8Array(64),
  });
  world.append(requester, 'jobs', offer);
  const of = { jobKey, job, attempt: 0 };
  // Without a temperature the first one is drawn.
  const ids = Array.from({ length: profile.topK }, (_, i) => 500 + i);
  const candidates = output.map(() => ({ ids, z: ids.map((_, i) => 0 - i) }));
  const topk = buildTopk(await loadPoseidon(), { of, from: 0, candidates })!;
  const artifact = world.notary.sign<LogRecord>({
    type: 'artifact',
    job,
    attempt: 0,
    executor: executor.key,
    offer: recordHash(encodeRecord(offer)),
    root: digestOf(of, output, bytes),
    topkRoot: topk.root,
    class: EXECUTOR_CLASS,
    promptTokens: prompt.length,
    resumeAt: 0,
    tokens: output.length,
    finish: 'end',
    firstTokenMs: 1,
    totalMs: 2,
    ncu: 1,
    heads: [],
    at: 0,
    signature: new Uint8Array(64),
  });
  world.append(executor, 'artifacts', artifact);
  const subject = toHex(recordHash(encodeRecord(artifact)));
  const kept = { payload: { prompt, prefix: [], output, bytes }, nonce, stops: [] };
  const sealed = sealPayload(kept, of);
  const opening: EvidenceOpening = {
    subject,
    sealed,
    candidates: sealOpenings({ candidates, nodes: topk.nodes }, 0, [3], of),
    jobKey,
    profile,
    vocabulary: VOCABULARY,
  };
  const finding: Finding = 'ok';
  world.works.set(subject, { subject, executor, requester, job, evidence: [], finding });
  return { opening, job: toHex(job) };
}
