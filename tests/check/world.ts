import { NexusError, taggedHash } from '../../feeds/base/mod.ts';
import {
  type ArtifactRecord,
  COMMIT,
  commitBytes,
  commitStops,
  commitTokens,
  digestMessage,
  digestOf,
  encodeRecord,
  importSigner,
  jobId,
  type JobRecord,
  keyHash,
  recordHash,
  type Signer,
  signRecord,
} from '../../feeds/records/mod.ts';
import { encodePayload, type Payload } from '../../node/audit/mod.ts';
import {
  type Ask,
  CHECK_PROTOCOL,
  CHECK_VERSION,
  Checker,
  type CheckerDeps,
} from '../../node/check/mod.ts';
import { channelPair } from '../../node/job/mod.ts';

export const NETWORK = new Uint8Array(32).fill(1);
export const PROFILE = new Uint8Array(32).fill(2);
export const CLASS = new Uint8Array(32).fill(3);
export const VOCABULARY = 1000;
const KEY = new Uint8Array(32).fill(4), NONCE = new Uint8Array(32).fill(5);

/** An attempt as its requester holds it. */
export interface Made {
  ask: Omit<Ask, 'payload'>;
  payload: Payload;
  requester: Signer;
  executor: Signer;
  auditor: Signer;
}

export interface Change {
  job?: Partial<JobRecord>;
  artifact?: Partial<ArtifactRecord>;
  payload?: Partial<Payload>;
}

export async function signers(): Promise<Pick<Made, 'requester' | 'executor' | 'auditor'>> {
  const seed = (n: number) => importSigner(new Uint8Array(32).fill(n));
  return { requester: await seed(11), executor: await seed(12), auditor: await seed(13) };
}

/** An honest attempt; what is given differs in the signed records, or in the payload alone. */
export async function make(change: Change = {}): Promise<Made> {
  const keys = await signers();
  const { requester, executor } = keys;
  const payload: Payload = {
    prompt: [1, 2, 3, 4],
    prefix: [5, 6],
    output: Array.from({ length: 40 }, (_, i) => 10 + i),
    bytes: Uint8Array.from({ length: 40 }, (_, i) => i),
  };
  const prompt = commitTokens(KEY, COMMIT.prompt, payload.prompt);
  const nonce = commitBytes(KEY, COMMIT.nonce, NONCE);
  const id = jobId(requester.publicKey, prompt, nonce, keyHash(KEY));
  const job = await signRecord<JobRecord>({
    type: 'job',
    job: id,
    attempt: 1,
    kind: 'text',
    parent: null,
    network: NETWORK,
    profile: PROFILE,
    adapters: [],
    layers: null,
    requester: requester.publicKey,
    executor: executor.publicKey,
    prompt,
    promptTokens: payload.prompt.length,
    resumeAt: payload.prefix.length,
    prefix: commitTokens(KEY, COMMIT.prefix(1), payload.prefix),
    nonce,
    keyHash: keyHash(KEY),
    stops: commitStops(KEY, []),
    sampling: { tq: 717, pq: 65536, maxTokens: 60 },
    priceCap: 0,
    heads: [],
    at: 0,
    ...change.job,
  }, (m) => requester.sign(m));
  const bytes = encodeRecord(job);
  const artifact = await signRecord<ArtifactRecord>({
    type: 'artifact',
    job: job.job,
    attempt: 1,
    executor: executor.publicKey,
    offer: recordHash(bytes),
    root: digestOf({ jobKey: KEY, job: id, attempt: 1 }, payload.output, payload.bytes),
    topkRoot: null,
    class: CLASS,
    promptTokens: payload.prompt.length,
    resumeAt: payload.prefix.length,
    tokens: payload.output.length,
    finish: 'stop',
    firstTokenMs: 1,
    totalMs: 2,
    ncu: 0,
    heads: [],
    at: 0,
    ...change.artifact,
  }, (m) => executor.sign(m));
  const ask = {
    job: bytes,
    artifact: encodeRecord(artifact),
    digest: null,
    class: new Uint8Array(32),
    jobKey: KEY,
    nonce: NONCE,
  };
  return { ask, payload: { ...payload, ...change.payload }, ...keys };
}

/** The same where the executor died after so many tokens and had signed a digest. */
export async function dead(tokens: number): Promise<Made> {
  const made = await make();
  const { payload, executor } = made;
  const [output, bytes] = [payload.output.slice(0, tokens), payload.bytes.slice(0, tokens)];
  const id = jobId(
    made.requester.publicKey,
    commitTokens(KEY, COMMIT.prompt, payload.prompt),
    commitBytes(KEY, COMMIT.nonce, NONCE),
    keyHash(KEY),
  );
  const digest = digestOf({ jobKey: KEY, job: id, attempt: 1 }, output, bytes);
  const signature = await executor.sign(digestMessage(recordHash(made.ask.job), tokens, digest));
  return {
    ...made,
    ask: { ...made.ask, artifact: new Uint8Array(), digest: { tokens, digest, signature } },
    payload: { ...payload, output, bytes },
  };
}

/** What a checker finds in everything, until a test says otherwise. */
export const OK = {
  finding: 'ok' as const,
  why: null,
  positions: 40,
  mismatches: 0,
  class: CLASS,
  exact: true,
  objections: [],
};

/** A checker, and a way to its channels. */
export function serve(auditor: Signer, deps: Partial<CheckerDeps> = {}) {
  const checker = new Checker({
    network: NETWORK,
    self: auditor.publicKey,
    refuse: ({ job, tokens }) => {
      const length = job.promptTokens + job.resumeAt + tokens;
      if (length > 100) return new NexusError('TOO_LONG', 'longer than the context');
      return job.profile[0] === 2 ? null : new NexusError('NOT_SERVED', 'not loaded here');
    },
    check: () => Promise.resolve(OK),
    ...deps,
  });
  let channels = 0;
  return (peer: Signer, version = CHECK_VERSION) => {
    const pair = channelPair({
      protocol: CHECK_PROTOCOL,
      id: taggedHash('channel', new Uint8Array([channels++])),
      handshake: new Uint8Array([version]),
      keys: [peer.publicKey, auditor.publicKey],
    });
    checker.handle(pair.ends[1]);
    return pair.ends[0];
  };
}

export const encoded = ({ payload }: Made): Uint8Array => encodePayload(payload);
