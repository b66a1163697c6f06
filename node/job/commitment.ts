import { equalBytes, messageOf, type NexusError } from '../../feeds/base/mod.ts';
import {
  type ArtifactRecord,
  decodeRecord,
  encodeRecord,
  type FinishReason,
  type JobRecord,
  recordHash,
  type SeenHead,
  type SignedAck,
  signRecord,
} from '../../feeds/records/mod.ts';
import { within } from './clock.ts';
import type { TopkBuilder } from './deps.ts';
import { produced, topkOf } from './keeping.ts';
import { costOf } from './purse.ts';
import { toSaid } from './said.ts';
import type { SessionParts } from './session.ts';

/** How a session ended, for the node's events. */
export interface SessionEnd {
  artifact: ArtifactRecord;
  error: NexusError | null;
  settled: boolean;
  claimed: boolean;
  /** Logs that could not be written. */
  warnings: string[];
}

/** What an attempt came to. */
export interface Outcome {
  ids: number[];
  /** One artifact byte an id. */
  bytes: number[];
  /** Running digest over both. */
  root: Uint8Array;
  topk: TopkBuilder | null;
  firstTokenMs: number;
  finish: FinishReason;
  error: NexusError | null;
}

/** Signs the artifact, logs it and tells it. */
export async function commit(parts: SessionParts, outcome: Outcome): Promise<SessionEnd> {
  const { deps, outbox, offer, checked: { record, served }, since } = parts;
  const { clock, signer } = deps;
  const { ids, error } = outcome;
  const topk = await topkOf(outcome, parts);
  const artifact = await signRecord<ArtifactRecord>({
    type: 'artifact',
    job: record.job,
    attempt: record.attempt,
    executor: record.executor,
    offer: recordHash(offer.job),
    root: outcome.root,
    topkRoot: topk?.root ?? null,
    class: served.class,
    promptTokens: record.promptTokens,
    resumeAt: record.resumeAt,
    tokens: ids.length,
    finish: outcome.finish,
    firstTokenMs: Math.round(outcome.firstTokenMs),
    totalMs: Math.round(clock.tick() - since),
    ncu: costOf(served.price, served.costs ?? null, record.promptTokens, ids.length),
    heads: oneOf(deps.heads(), record.job),
    at: clock.now(),
  }, (message) => signer.sign(message));
  const bytes = encodeRecord(artifact);
  const kept = produced(parts, outcome, topk);
  if (kept !== null) deps.keep(kept);
  const end: SessionEnd = { artifact, error, settled: false, claimed: false, warnings: [] };
  // What the requester settles must be found in the log, should this node die now.
  await log(parts, bytes, 'artifact', end);
  if (error === null) outbox.post({ type: 'summary', artifact: bytes });
  else outbox.post({ type: 'error', artifact: bytes, ...toSaid(error) });
  return end;
}

/** Over many jobs every log is named. */
function oneOf(heads: SeenHead[], job: Uint8Array): SeenHead[] {
  const head = heads[job[0]! % heads.length];
  return head === undefined ? [] : [head];
}

/** Waits, bounded, for the requester's settlement; claims what was acknowledged if none comes. */
export async function settleOrClaim(
  parts: SessionParts,
  end: SessionEnd,
  settlement: Promise<Uint8Array | null>,
  lastAck: () => SignedAck | null,
): Promise<void> {
  const { deps: { clock, rules, heads }, checked: { record } } = parts;
  const settle = await within(clock, rules.settleMs, settlement, null);
  const ack = lastAck();
  end.settled = settle !== null && holds(settle, record, ack?.tokens ?? 0);
  if (end.settled || ack === null) return;
  const { job, attempt, requester } = record;
  const claim = { type: 'claim' as const, job, attempt, requester, ack, heads: heads() };
  const bytes = encodeRecord({ ...claim, at: clock.now() });
  end.claimed = await log(parts, bytes, 'claim', end);
}

function holds(bytes: Uint8Array, record: JobRecord, acknowledged: number): boolean {
  try {
    const settle = decodeRecord(bytes);
    return settle.type === 'settle' && equalBytes(settle.job, record.job) &&
      settle.attempt === record.attempt && equalBytes(settle.executor, record.executor) &&
      settle.tokens >= acknowledged;
  } catch {
    return false;
  }
}

async function log(
  parts: SessionParts,
  bytes: Uint8Array,
  what: string,
  end: SessionEnd,
): Promise<boolean> {
  const { feeds, clock, rules: { logMs } } = parts.deps;
  try {
    const written = await within(clock, logMs, feeds.append('artifacts', [bytes]), null);
    if (written !== null) return true;
    end.warnings.push(`${what} not logged within ${logMs} ms`);
  } catch (thrown) {
    end.warnings.push(`${what} not logged: ${messageOf(thrown)}`);
  }
  return false;
}
