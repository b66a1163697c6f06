import { concatBytes, equalBytes, taggedHash } from '../../feeds/base/mod.ts';
import {
  ackMessage,
  type ArtifactRecord,
  COMMIT,
  commitBytes,
  commitTokens,
  digestMessage,
  digestOf,
  encodeRecord,
  type IdentityRecord,
  importSigner,
  jobId,
  type JobRecord,
  keyHash,
  type LogRecord,
  recordHash,
  type SettleRecord,
  type SignFunction,
  signRecord,
  type VerifyFunction,
} from '../../feeds/records/mod.ts';
import type { LogBlock, LogInput } from '../../feeds/replay/mod.ts';

const utf8 = new TextEncoder();
export const hash = (name: string): Uint8Array => taggedHash('test', utf8.encode(name));

/** A stand-in for Ed25519 that costs a hash, notices every change, and proves nothing. */
const stubSignature = (key: Uint8Array, message: Uint8Array): Uint8Array => {
  const half = taggedHash('stub', key, message);
  return concatBytes(half, half);
};
export const stubVerify: VerifyFunction = (key, message, signature) =>
  equalBytes(stubSignature(key, message), signature);

export interface Party {
  key: Uint8Array;
  sign: SignFunction;
  jobs: Core;
  artifacts: Core;
}

/** A log under construction. */
export class Core {
  readonly key: Uint8Array;
  readonly blocks: Uint8Array[] = [];
  constructor(name: string) {
    this.key = hash(name);
  }
  append(record: LogRecord | Uint8Array): Uint8Array {
    const bytes = record instanceof Uint8Array ? record : encodeRecord(record);
    this.blocks.push(bytes);
    return bytes;
  }
  /** As a replay takes it; `verifyHead` must be a stand-in too. */
  head(): LogInput {
    const { key } = this;
    const length = this.blocks.length;
    const treeHash = taggedHash('tree', ...this.blocks);
    const none = new Uint8Array(0);
    const head = { key, length, fork: 0, treeHash, signature: none, manifest: none };
    return { key, length, fork: 0, head };
  }
  input(): LogInput & { blocks: LogBlock[] } {
    return { ...this.head(), blocks: this.blocks.map((value, index) => ({ index, value })) };
  }
}

/** A party with its identity record in both logs. */
export async function party(name: string, real = false): Promise<Party> {
  const signer = real ? await importSigner(hash(name)) : null;
  const key = signer?.publicKey ?? hash(name);
  const sign: SignFunction = signer?.sign ?? ((message) => stubSignature(key, message));
  const jobs = new Core(`${name} jobs`);
  const artifacts = new Core(`${name} artifacts`);
  const identity = await signRecord<IdentityRecord>({
    type: 'identity',
    publicKey: key,
    jobs: jobs.key,
    artifacts: artifacts.key,
    attestations: hash(`${name} attestations`),
    box: hash(`${name} box`),
    account: null,
  }, sign);
  jobs.append(identity);
  artifacts.append(identity);
  return { key, sign, jobs, artifacts };
}

/** What may be wrong with an attempt: fields that replace the honest ones. */
export interface Twist {
  name?: string;
  attempt?: number;
  tokens?: number;
  job?: Partial<JobRecord>;
  artifact?: Partial<ArtifactRecord> | null;
  settle?: Partial<SettleRecord> | null;
  claim?: { tokens: number; forged?: boolean };
}

/** Appends what an attempt leaves in both logs; honest but for the twist. */
export async function attempt(
  requester: Party,
  executor: Party,
  twist: Twist = {},
): Promise<{ job: JobRecord; artifact: ArtifactRecord; settle: SettleRecord | null }> {
  const name = twist.name ?? `job ${requester.jobs.blocks.length}`;
  const number = twist.attempt ?? 0;
  const count = twist.tokens ?? 20;
  const key = hash(`${name} key`);
  const ids = Array.from({ length: count }, (_, i) => i);
  const prompt = commitTokens(key, COMMIT.prompt, [1, 2, 3]);
  const nonce = commitBytes(key, COMMIT.nonce, hash(name));
  const job = await signRecord<JobRecord>({
    type: 'job',
    job: jobId(requester.key, prompt, nonce, keyHash(key)),
    attempt: number,
    kind: 'text',
    parent: null,
    network: hash('network'),
    profile: hash('profile'),
    adapters: [],
    layers: null,
    requester: requester.key,
    executor: executor.key,
    prompt,
    promptTokens: 3,
    resumeAt: 0,
    prefix: commitTokens(key, COMMIT.prefix(number), []),
    nonce,
    keyHash: keyHash(key),
    stops: hash('stops'),
    sampling: { tq: 717, pq: 65536, maxTokens: 256 },
    priceCap: 10,
    heads: [{ core: executor.artifacts.key, length: executor.artifacts.blocks.length }],
    at: 1_700_000_000_000,
    ...twist.job,
  }, requester.sign);
  const offer = recordHash(requester.jobs.append(job));
  const root = digestOf({ jobKey: key, job: job.job, attempt: number }, ids, ids);
  const times = { firstTokenMs: 12, totalMs: 340 };
  const artifact = await signRecord<ArtifactRecord>({
    type: 'artifact',
    job: job.job,
    attempt: number,
    executor: executor.key,
    offer,
    root,
    topkRoot: null,
    class: hash('class'),
    promptTokens: 3,
    resumeAt: 0,
    tokens: count,
    finish: 'end',
    ...times,
    ncu: 5,
    heads: [{ core: requester.jobs.key, length: requester.jobs.blocks.length }],
    at: 1_700_000_000_400,
    ...twist.artifact,
  }, executor.sign);
  let named: Uint8Array | null = null;
  if (twist.artifact !== null) named = recordHash(executor.artifacts.append(artifact));
  let settle: SettleRecord | null = null;
  if (twist.settle !== null) {
    const message = digestMessage(offer, count, root);
    const signature = await executor.sign(message);
    settle = {
      type: 'settle',
      job: job.job,
      attempt: number,
      executor: executor.key,
      outcome: 'done',
      finish: 'end',
      tokens: count,
      artifact: named,
      digest: { tokens: count, digest: root, signature },
      ...times,
      heads: [],
      at: 1_700_000_000_500,
      ...twist.settle,
    };
    requester.jobs.append(settle);
  }
  if (twist.claim !== undefined) {
    const { tokens, forged } = twist.claim;
    const message = ackMessage(job.job, number, forged ? tokens + 1 : tokens);
    executor.artifacts.append({
      type: 'claim',
      job: job.job,
      attempt: number,
      requester: requester.key,
      ack: { tokens, signature: await requester.sign(message) },
      heads: [],
      at: 1_700_000_000_600,
    });
  }
  return { job, artifact, settle };
}
