import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import { decodeRecord, recordHash } from '../../feeds/records/mod.ts';
import type { JobTiming, PlannedJob } from '../../fingerprint/work/mod.ts';
import {
  type JobEvent,
  type JobRequest,
  type ReceiptParts,
  type RequesterDeps,
  runJob,
} from '../job/mod.ts';
import { type Offered, StatsBook } from '../router/mod.ts';
import type { PromptPool } from './prompts.ts';
import { timed } from './timed.ts';

/** How a node's own jobs are sent, as far as a probe uses it. */
export type JobSender =
  & Pick<
    RequesterDeps,
    'engine' | 'feeds' | 'signer' | 'network' | 'rules' | 'heads' | 'keep' | 'purse'
  >
  & { dial: RequesterDeps['dial'] };

export interface ProbeJobOptions {
  /** The one executor that is asked; nobody else goes on in its place. */
  executor: Offered;
  contextSize: number;
  priceCap: number;
  costs: JobRequest['costs'];
  sender: JobSender;
  pool: PromptPool;
  /** A job is about to be offered. @param job its id, hexadecimal */
  onOffer?: (job: string) => void;
  /** Monotonic milliseconds. */
  tick: () => number;
}

/** One job that came to its end, with what is needed to have it checked. */
export interface ProbeAnswer {
  /** Id of the job, hexadecimal. */
  job: string;
  /** Hash of the executor's signed artifact, hexadecimal; null where there is none. */
  artifact: string | null;
  timing: JobTiming;
  parts: ReceiptParts;
}

/** Of a user who chooses nothing. */
const TEMPERATURE = 717, ALL = 65_536;
/** Answers that users ask for; who has enough of one breaks it off, and so does a probe. */
const LENGTHS = [128, 256, 512];
const TOO_LONG = new Set(['PROMPT_TOO_LONG', 'TOO_LONG']);

/**
 * Sends one job of a plan as any user's is sent, to one executor, and times it by the clock here. It asks
 * for a usual length, and breaks off when it has what it needs: nothing about it says that it is a probe.
 * @returns why it came to nothing where it did; `too long` where the executor has no room for it
 * @throws the reason of `signal`
 */
export async function probeJob(
  planned: PlannedJob,
  options: ProbeJobOptions,
  signal: AbortSignal,
): Promise<ProbeAnswer | 'too long' | NexusError> {
  const { executor, sender, pool, tick } = options;
  let sentAt: number | null = null;
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  let offers = 0, tokens = 0;
  const usual = LENGTHS[planned.nonce[0]! % LENGTHS.length]!;
  const request: JobRequest = {
    profile: executor.profile,
    contextSize: options.contextSize,
    messages: pool.messages(planned.nonce, planned.promptTokens),
    sampling: { tq: TEMPERATURE, pq: ALL, maxTokens: Math.max(usual, planned.maxTokens) },
    nonce: planned.nonce,
    where: 'mesh',
    priceCap: options.priceCap,
    costs: options.costs ?? null,
    signal: both,
  };
  const run = runJob(request, {
    ...sender,
    stats: new StatsBook(),
    candidates: () => offers > 0 ? [] : [executor],
    dial: async (candidate, dialled) => {
      offers++;
      return timed(await sender.dial(candidate, dialled), tick, (at) => sentAt = at);
    },
  });
  let firstAt: number | null = null, lastAt = 0;
  let done: JobEvent & { type: 'done' } | null = null;
  try {
    for await (const event of run) {
      if (event.type === 'route') options.onOffer?.(event.job);
      if (event.type === 'done') done = event;
      if (event.type !== 'token' || event.ids.length === 0 || enough.signal.aborted) continue;
      lastAt = tick();
      firstAt ??= lastAt;
      tokens += event.ids.length;
      if (tokens >= planned.maxTokens) enough.abort();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asNexusError(thrown);
    const root = error.cause instanceof NexusError ? error.cause : error;
    return TOO_LONG.has(root.code) ? 'too long' : root;
  }
  signal.throwIfAborted();
  if (done === null || done.receipt === null || firstAt === null || sentAt === null) {
    return new NexusError('PROBE_UNANSWERED', 'no answer came to its end');
  }
  const artifact = done.receipt.attempts.at(-1)?.artifact ?? null;
  return {
    job: done.job,
    artifact: artifact && toHex(recordHash(artifact)),
    timing: {
      verified: false,
      promptTokens: done.promptTokens,
      tokens,
      sentAt,
      firstAt,
      lastAt,
    },
    parts: done.receipt,
  };
}

/** Determinism class that the executor signed for; null where it signed nothing. */
export function classOf({ parts }: ProbeAnswer): Uint8Array | null {
  const artifact = parts.attempts.at(-1)?.artifact ?? null;
  if (artifact === null) return null;
  const record = decodeRecord(artifact);
  return record.type === 'artifact' ? record.class : null;
}
