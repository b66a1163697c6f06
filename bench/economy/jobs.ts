import { attemptCost } from '../../feeds/ledger/mod.ts';
import {
  COMMIT,
  commitTokens,
  encodeRecord,
  jobId,
  type JobRecord,
  keyHash,
  recordHash,
} from '../../feeds/records/mod.ts';
import {
  EXECUTOR_CLASS,
  named,
  NETWORK,
  type Party,
  PROFILE,
  SIGNED,
  toHex,
  ZEROS,
} from './mesh.ts';
import type { SimMesh } from './mesh.ts';

/** Tokens of every prompt, and of an answer at most. */
export const PROMPT_TOKENS = 100;
export const MAX_TOKENS = 256;
/** Tokens that go out before the first acknowledgement must be back. */
const WINDOW = 64;

/** How one job goes. */
export interface JobPlan {
  requester: Party;
  executor: Party;
  tokens: number;
  /** micro-NCU an output token: asked, and the most that is paid. */
  price: number;
  cap: number;
  coefficients: { prompt: number; output: number };
  msPerToken: number;
  /** The requester never settles, and acknowledges nothing. */
  silent: boolean;
}

/** What the logs say of it. */
export interface JobDone {
  /** Id of what is audited: the artifact. */
  subject: string;
  job: Uint8Array;
  /** Tokens that were made. */
  tokens: number;
  /** What the executor asks for them. */
  asked: number;
}

const PROMPT = commitTokens(named('key'), COMMIT.prompt, [1]);

/** Writes what a job leaves in the logs: offer, artifact, settlement. */
export function writeJob(mesh: SimMesh, plan: JobPlan): JobDone {
  const { requester, executor, price, cap, coefficients, msPerToken, silent } = plan;
  const totalMs = 50 + Math.round(msPerToken * plan.tokens);
  // Who is not acknowledged stops.
  const tokens = silent ? Math.min(plan.tokens, WINDOW) : plan.tokens;
  const count = mesh.jobs++, nonce = named('nonce', count), hash = keyHash(named('job key', count));
  const job = jobId(requester.key, PROMPT, nonce, hash);
  const offer: JobRecord = {
    type: 'job',
    job,
    attempt: 0,
    kind: 'text',
    parent: null,
    network: NETWORK,
    profile: PROFILE,
    adapters: [],
    layers: null,
    requester: requester.key,
    executor: executor.key,
    prompt: PROMPT,
    promptTokens: PROMPT_TOKENS,
    resumeAt: 0,
    prefix: ZEROS,
    nonce,
    keyHash: hash,
    stops: ZEROS,
    sampling: { tq: 1024, pq: 65_536, maxTokens: MAX_TOKENS },
    priceCap: cap,
    heads: [],
    at: mesh.epoch,
    signature: SIGNED,
  };
  const block = encodeRecord(offer);
  mesh.appendBlock(requester, 'jobs', block);
  const asked = attemptCost(price, coefficients, PROMPT_TOKENS, tokens);
  const artifact = encodeRecord({
    type: 'artifact',
    job,
    attempt: 0,
    executor: executor.key,
    offer: recordHash(block),
    root: nonce,
    topkRoot: null,
    class: EXECUTOR_CLASS,
    promptTokens: PROMPT_TOKENS,
    resumeAt: 0,
    tokens,
    finish: silent ? 'error' : 'end',
    firstTokenMs: 50,
    totalMs,
    ncu: asked,
    heads: [],
    at: mesh.epoch,
    signature: SIGNED,
  });
  mesh.appendBlock(executor, 'artifacts', artifact);
  const hashed = recordHash(artifact);
  if (!silent) {
    mesh.append(requester, 'jobs', {
      type: 'settle',
      job,
      attempt: 0,
      executor: executor.key,
      outcome: 'done',
      finish: 'end',
      tokens,
      artifact: hashed,
      digest: { tokens, digest: nonce, signature: SIGNED },
      firstTokenMs: 50,
      totalMs,
      heads: [],
      at: mesh.epoch,
    });
  }
  return { subject: toHex(hashed), job, tokens, asked };
}
