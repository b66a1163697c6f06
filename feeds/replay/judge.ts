import type { ArtifactEntry, ClaimEntry, Entry, JobEntry, SettleEntry } from './entries.ts';
import { compareKeys, hexOf, type Key } from './keys.ts';
import type { LogName } from '../records/mod.ts';
import type { AttemptReport, AttemptState, Finding, FindingCode } from './types.ts';

/** What a judgement needs to know beyond the entries. */
export interface Context {
  /** True if that log of that identity is here from its first block to its head. */
  complete(owner: Key, name: LogName): boolean;
  report(finding: Finding): void;
  /** Hexadecimal of somebody's key. */
  hex(key: Key): string;
}

/** The entries of an attempt that count. */
interface Counted {
  job: JobEntry | null;
  artifact: ArtifactEntry | null;
  settle: SettleEntry | null;
  claim: ClaimEntry | null;
}

export interface Judgement {
  report: AttemptReport;
  requester: Key | null;
  profile: Key | null;
}

/**
 * Judges one attempt from all entries about it, in whatever order they arrived: of entries that
 * exclude each other the one in the log with the lowest key, then at the lowest index, counts.
 */
export function judge(attempt: number, entries: Entry[], context: Context): Judgement {
  entries.sort((a, b) => compareKeys(a.log.key, b.log.key) || a.index - b.index);
  const flag = (entry: Entry, code: FindingCode, detail: string): void =>
    context.report(entry.log.finding(code, entry.index, `attempt ${attempt}: ${detail}`));
  const counted = count(entries, flag);
  if (counted.job === null) orphans(entries, flag, context);
  else compare(counted, counted.job, flag, context);
  return conclude(attempt, counted, entries, context);
}

/** Who asked, as far as entries of an attempt say so; an artifact does not. */
function requesterOf(entries: readonly Entry[]): Key | null {
  for (const entry of entries) {
    if (entry.log.owner === null || entry.type === 'artifact') continue;
    return entry.type === 'settle' ? entry.log.owner : entry.requester;
  }
  return null;
}

type Flag = (entry: Entry, code: FindingCode, detail: string) => void;

function count(entries: Entry[], flag: Flag): Counted {
  const standing = entries.filter((entry) => {
    const { log } = entry;
    // Without an owner nothing in a log can be attributed; the log has a finding of its own.
    if (log.owner === null) return false;
    if (!log.admits(entry.type)) {
      flag(entry, 'wrong-log', `a ${entry.type} in the ${log.name} log`);
      return false;
    }
    const author = entry.type === 'job'
      ? entry.requester
      : entry.type === 'artifact'
      ? entry.executor
      : log.owner;
    if (author !== log.owner) flag(entry, 'foreign', `a ${entry.type} by ${hexOf(author)}`);
    return author === log.owner;
  });
  const jobs = standing.filter((entry) => entry.type === 'job');
  const job = jobs[0] ?? null;
  for (const again of jobs.slice(1)) {
    flag(again, 'duplicate-job', 'this attempt was offered before');
  }

  const party = (entry: ArtifactEntry | SettleEntry | ClaimEntry): boolean => {
    if (job === null) return true;
    const owner = entry.type === 'settle' ? job.requester : job.executor;
    if (entry.log.owner === owner) return true;
    const code = entry.type === 'artifact' ? 'executor-mismatch' : 'foreign';
    flag(entry, code, `a ${entry.type} by ${hexOf(entry.log.owner!)}, who is not party to it`);
    return false;
  };
  const settles = standing.filter((entry) => entry.type === 'settle').filter(party);
  const settle = settles[0] ?? null;
  for (const again of settles.slice(1)) flag(again, 'duplicate-settle', 'it was settled before');
  const artifacts = standing.filter((entry) => entry.type === 'artifact').filter(party);
  for (const again of artifacts.slice(1)) flag(again, 'duplicate-artifact', 'it has one already');
  const named = artifacts.find((entry) => entry.hash === settle?.artifact);
  // Acknowledgements are cumulative: the largest one counts.
  const claim = standing.filter((entry) => entry.type === 'claim').filter(party)
    .filter((entry) => entry.valid)
    .reduce<ClaimEntry | null>((best, e) => (e.tokens > (best?.tokens ?? -1) ? e : best), null);
  return { job, settle, artifact: named ?? artifacts[0] ?? null, claim };
}

function orphans(entries: Entry[], flag: Flag, context: Context): void {
  const named = requesterOf(entries);
  for (const entry of entries) {
    if (entry.log.owner === null || entry.type === 'job') continue;
    const requester = requesterOf([entry]) ?? named;
    if (requester === null) {
      flag(entry, 'job-not-held', 'the log of the job that it answers is not here');
    } else if (context.complete(requester, 'jobs')) {
      flag(entry, 'job-missing', `its requester ${hexOf(requester)} logged no such job`);
    } else {
      flag(entry, 'job-not-held', `the jobs log of ${hexOf(requester)} is not all here`);
    }
  }
}

function compare(counted: Counted, job: JobEntry, flag: Flag, context: Context): void {
  const { artifact, settle, claim } = counted;
  const above = (entry: Entry, tokens: number): void => {
    const total = job.resumeAt + tokens;
    if (total > job.maxTokens) {
      flag(entry, 'tokens-above-max', `${total} tokens in all, ${job.maxTokens} were asked for`);
    }
  };
  if (artifact !== null) {
    above(artifact, artifact.tokens);
    if (artifact.offer !== job.hash) {
      flag(artifact, 'offer-mismatch', 'it answers another offer than the one logged');
    }
    if (artifact.resumeAt !== job.resumeAt || artifact.promptTokens !== job.promptTokens) {
      flag(artifact, 'count-mismatch', 'prompt or prefix have other lengths than in the job');
    }
    // Without the whole log of the requester, its settlement may just not be here.
    if (settle === null && claim === null && context.complete(job.requester, 'jobs')) {
      flag(artifact, 'settle-missing', 'neither settled nor claimed');
    }
  }
  if (claim !== null) {
    above(claim, claim.tokens);
    if (claim.requester !== job.requester) {
      flag(claim, 'requester-mismatch', 'it names another requester than the job');
    }
    if (artifact !== null && claim.tokens > artifact.tokens) {
      const detail = `claims ${claim.tokens} tokens, the artifact has ${artifact.tokens}`;
      flag(claim, 'claim-above-artifact', detail);
    }
  }
  if (settle !== null) {
    above(settle, settle.tokens);
    compareSettle(settle, counted, job, flag, context);
  } else if (claim !== null && artifact === null) {
    missing(claim, job, flag, context);
  }
}

function compareSettle(
  settle: SettleEntry,
  { artifact, claim }: Counted,
  job: JobEntry,
  flag: Flag,
  context: Context,
): void {
  const { digest } = settle;
  if (settle.executor !== job.executor) {
    flag(settle, 'executor-mismatch', 'it names another executor than the job');
  }
  if (claim !== null && claim.tokens > settle.tokens) {
    const detail = `${settle.tokens} tokens settled, ${claim.tokens} were acknowledged`;
    flag(settle, 'settle-below-ack', detail);
  }
  if (digest?.valid === false) {
    flag(settle, 'digest-signature', 'the running digest is not signed by the executor');
  } else if (digest !== null && digest.tokens > settle.tokens) {
    const detail = `a digest over ${digest.tokens} tokens, ${settle.tokens} settled`;
    flag(settle, 'count-mismatch', detail);
  }
  if (settle.outcome === 'done' && settle.artifact === null) {
    flag(settle, 'artifact-mismatch', 'settled as done without naming the artifact');
  }
  if (artifact === null) {
    if (settle.outcome === 'done' || settle.artifact !== null) missing(settle, job, flag, context);
    return;
  }
  if (settle.artifact !== null && settle.artifact !== artifact.hash) {
    flag(settle, 'artifact-mismatch', 'it names another artifact than the one logged');
  }
  if (settle.outcome === 'done' && settle.tokens !== artifact.tokens) {
    const detail = `${settle.tokens} tokens settled, the artifact has ${artifact.tokens}`;
    flag(settle, 'count-mismatch', detail);
  }
  if (digest === null || digest.valid === false) return;
  const contradicts = digest.tokens === artifact.tokens
    ? digest.digest !== artifact.root
    : digest.tokens > artifact.tokens;
  if (contradicts) {
    flag(settle, 'digest-mismatch', 'the executor signed another output than its artifact shows');
  }
}

function missing(entry: Entry, job: JobEntry, flag: Flag, context: Context): void {
  const executor = hexOf(job.executor);
  if (context.complete(job.executor, 'artifacts')) {
    flag(entry, 'artifact-missing', `its executor ${executor} logged none`);
  } else {
    flag(entry, 'artifact-not-held', `the artifacts log of ${executor} is not all here`);
  }
}

function stateOf({ job, artifact, settle, claim }: Counted): AttemptState {
  if (job === null) return 'orphan';
  if (settle !== null) return settle.outcome;
  if (claim !== null) return 'claimed';
  return artifact !== null ? 'produced' : 'open';
}

function conclude(
  attempt: number,
  counted: Counted,
  entries: Entry[],
  context: Context,
): Judgement {
  const { job, artifact, settle, claim } = counted;
  const digested = settle?.digest?.valid !== false ? settle?.digest?.tokens ?? 0 : 0;
  const acknowledged = settle?.tokens ?? claim?.tokens ?? 0;
  const executor = job?.executor ?? artifact?.executor ?? settle?.executor ?? null;
  const timed = settle ?? artifact;
  return {
    requester: job?.requester ?? settle?.log.owner ?? requesterOf(entries),
    profile: job?.profile ?? null,
    report: {
      attempt,
      state: stateOf(counted),
      executor: executor === null ? null : context.hex(executor),
      tokens: settle?.tokens ?? claim?.tokens ?? artifact?.tokens ?? 0,
      payable: job === null ? 0 : Math.min(acknowledged, artifact?.tokens ?? digested),
      promptTokens: job?.promptTokens ?? artifact?.promptTokens ?? 0,
      resumeAt: job?.resumeAt ?? artifact?.resumeAt ?? 0,
      finish: timed?.finish ?? null,
      firstTokenMs: timed?.firstTokenMs ?? null,
      totalMs: timed?.totalMs ?? null,
      ncu: artifact?.ncu ?? null,
      at: job?.at ?? null,
    },
  };
}
