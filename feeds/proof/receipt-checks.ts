import { equalBytes, messageOf, NexusError } from '../base/mod.ts';
import {
  type ArtifactRecord,
  decodeRecord,
  digestMessage,
  jobId,
  type JobRecord,
  type LogName,
  type LogRecord,
  recordHash,
  type SettleRecord,
  verifyEd25519,
  verifyRecordSignature,
} from '../records/mod.ts';
import { verifyBlock } from './block.ts';
import { verifyIdentity } from './identity.ts';
import type { ReceiptAttempt, ReceiptEntry } from './receipt.ts';

/** One check of a receipt: what was looked at and, if it failed, why. */
export interface ReceiptCheck {
  name: string;
  ok: boolean;
  detail: string;
}

/** Collects checks; nothing that a check throws goes further. */
export class Checks {
  readonly list: ReceiptCheck[] = [];

  get ok(): boolean {
    return this.list.every((check) => check.ok);
  }

  /**
   * Runs a check that throws with the reason, or returns false, if it fails. A text that it returns
   * says more than `detail`.
   */
  async run(name: string, detail: string, check: () => unknown): Promise<boolean> {
    let ok = false;
    let reason = detail;
    try {
      const result = await check();
      ok = result !== false;
      if (typeof result === 'string') reason = result;
    } catch (thrown) {
      reason = `${thrown instanceof NexusError ? `${thrown.code}: ` : ''}${messageOf(thrown)}`;
    }
    this.list.push({ name, ok, detail: reason });
    return ok;
  }
}

/** An attempt whose records could be decoded. */
export interface OpenAttempt {
  job: JobRecord;
  artifact: ArtifactRecord | null;
  settle: SettleRecord | null;
  /** Which of them are proven to stand in their owner's log. */
  logged: { job: boolean; artifact: boolean; settle: boolean };
}

function decodeAs<T extends LogRecord['type']>(
  entry: ReceiptEntry,
  type: T,
): Extract<LogRecord, { type: T }> {
  const record = decodeRecord(entry.value);
  if (record.type !== type) throw new Error(`it is a ${record.type}, not a ${type}`);
  return record as Extract<LogRecord, { type: T }>;
}

/** Owner and name of each log, by key, as its first block proves. */
export type Owners = (core: Uint8Array) => { owner: Uint8Array; log: LogName } | null;

/** Checks the identities of a receipt. */
export async function checkIdentities(
  entries: readonly ReceiptEntry[],
  checks: Checks,
): Promise<Owners> {
  const known: { core: Uint8Array; owner: Uint8Array; log: LogName }[] = [];
  for (const [i, { value, proof }] of entries.entries()) {
    await checks.run(
      `identity ${i}`,
      'the log is bound to the identity that signed it',
      async () => {
        if (proof === null) throw new Error('an identity without a proof binds no log');
        const core = proof.head.key;
        const { identity, log } = await verifyIdentity(core, value, proof);
        known.push({ core, owner: identity.publicKey, log });
      },
    );
  }
  return (core) => known.find((entry) => equalBytes(entry.core, core)) ?? null;
}

/** Checks an attempt; null if it has no job record that could be read. */
export async function checkAttempt(
  number: number,
  { job: jobEntry, artifact: artifactEntry, settle: settleEntry }: ReceiptAttempt,
  owners: Owners,
  checks: Checks,
): Promise<OpenAttempt | null> {
  const at = `attempt ${number}`;
  const opened: { job?: JobRecord; artifact?: ArtifactRecord; settle?: SettleRecord } = {};
  await checks.run(`${at}: job`, 'the offer is signed by the requester', async () => {
    const job = opened.job = decodeAs(jobEntry, 'job');
    const id = jobId(job.requester, job.prompt, job.nonce, job.keyHash);
    if (!equalBytes(id, job.job)) throw new Error('the job id is not that of its content');
    return await verifyRecordSignature(job, verifyEd25519);
  });
  const { job } = opened;
  if (job === undefined) return null;
  const logged = { job: false, artifact: false, settle: false };
  const stands = async (entry: ReceiptEntry, what: keyof typeof logged): Promise<void> => {
    const { value, proof } = entry;
    if (proof === null) return;
    const log = what === 'artifact' ? 'artifacts' : 'jobs';
    const party = what === 'artifact' ? job.executor : job.requester;
    logged[what] = await checks.run(`${at}: ${what} in the log`, 'it stands there', async () => {
      const owner = owners(proof.head.key);
      if (owner === null) throw new Error('the owner of the log is not proven');
      if (owner.log !== log || !equalBytes(owner.owner, party)) {
        throw new Error('the log is not that of its author');
      }
      await verifyBlock(proof, value);
    });
  };
  await stands(jobEntry, 'job');

  if (artifactEntry !== null) {
    const detail = 'the summary is signed by the executor and answers this offer';
    await checks.run(`${at}: artifact`, detail, async () => {
      const artifact = opened.artifact = decodeAs(artifactEntry, 'artifact');
      compare(artifact, job, jobEntry);
      return await verifyRecordSignature(artifact, verifyEd25519);
    });
    await stands(artifactEntry, 'artifact');
  }
  if (settleEntry !== null) {
    await checks.run(`${at}: settle`, 'it is about this attempt and what came of it', async () => {
      const settle = opened.settle = decodeAs(settleEntry, 'settle');
      const offer = recordHash(jobEntry.value);
      await compareSettle(settle, job, offer, opened.artifact ?? null, artifactEntry);
    });
    if (settleEntry.proof === null) {
      // A settlement has no signature of its own.
      await checks.run(
        `${at}: settle in the log`,
        'no proof that the requester wrote it',
        () => false,
      );
    } else await stands(settleEntry, 'settle');
  }
  return { job, artifact: opened.artifact ?? null, settle: opened.settle ?? null, logged };
}

function compare(artifact: ArtifactRecord, job: JobRecord, entry: ReceiptEntry): void {
  if (!equalBytes(artifact.offer, recordHash(entry.value))) {
    throw new Error('it answers another offer');
  }
  const same = equalBytes(artifact.job, job.job) && artifact.attempt === job.attempt &&
    equalBytes(artifact.executor, job.executor);
  if (!same) throw new Error('job, attempt or executor differ from the offer');
  if (artifact.resumeAt !== job.resumeAt || artifact.promptTokens !== job.promptTokens) {
    throw new Error('prompt or prefix have other lengths than in the offer');
  }
  if (job.resumeAt + artifact.tokens > job.sampling.maxTokens) {
    throw new Error('more tokens than were asked for');
  }
}

async function compareSettle(
  settle: SettleRecord,
  job: JobRecord,
  offer: Uint8Array,
  artifact: ArtifactRecord | null,
  entry: ReceiptEntry | null,
): Promise<void> {
  const same = equalBytes(settle.job, job.job) && settle.attempt === job.attempt &&
    equalBytes(settle.executor, job.executor);
  if (!same) throw new Error('job, attempt or executor differ from the offer');
  if (artifact !== null && entry !== null) {
    if (settle.artifact !== null && !equalBytes(settle.artifact, recordHash(entry.value))) {
      throw new Error('it names another summary');
    }
    if (
      settle.outcome === 'done' && (settle.artifact === null || settle.tokens !== artifact.tokens)
    ) {
      throw new Error('it was settled as done, but not with this summary and count');
    }
  } else if (settle.artifact !== null || settle.outcome === 'done') {
    throw new Error('the summary that it is about is not in the receipt');
  }
  const { digest } = settle;
  if (digest === null) return;
  const message = digestMessage(offer, digest.tokens, digest.digest);
  if (!(await verifyEd25519(job.executor, message, digest.signature))) {
    throw new Error('the running digest is not signed by the executor');
  }
}

/** Checks that the attempts are attempts of one job, each going on where the last one ended. */
export async function checkChain(attempts: readonly OpenAttempt[], checks: Checks): Promise<void> {
  if (attempts.length < 2) return;
  await checks.run('attempts', 'they are attempts of one job, one after the other', () => {
    attempts.slice(1).forEach(({ job }, i) => {
      const before = attempts[i]!;
      const equal = (['job', 'network', 'profile', 'prompt', 'nonce', 'stops'] as const)
        .every((name) => equalBytes(job[name], before.job[name]));
      const a = job.sampling;
      const b = before.job.sampling;
      if (!equal || a.tq !== b.tq || a.pq !== b.pq || a.maxTokens !== b.maxTokens) {
        throw new Error(`attempt ${job.attempt} asks for something else than the one before`);
      }
      if (job.attempt <= before.job.attempt) throw new Error('the attempts are out of order');
      const ended = before.job.resumeAt + (before.settle?.tokens ?? 0);
      if (before.settle !== null && job.resumeAt !== ended) {
        throw new Error(`attempt ${job.attempt} resumes at ${job.resumeAt}, not at ${ended}`);
      }
    });
  });
}
