import { taggedHash } from '../base/mod.ts';
import type { LogName } from '../records/mod.ts';
import { byAttempt } from './entries.ts';
import { judge } from './judge.ts';
import { hexOf, hexOnce, type Key } from './keys.ts';
import type { Log } from './log.ts';
import { bindOwners, inOrder, reportIdentities } from './owners.ts';
import type { ReplayState } from './state.ts';
import {
  type Finding,
  type JobReport,
  type LogReport,
  type NotHeld,
  type ReplayReport,
  UNRESOLVED,
} from './types.ts';

/**
 * Draws the result from what was folded, in an order of its own.
 * @param checkDigests called once the owners of logs are known
 */
export async function conclude(
  state: ReplayState,
  checkDigests: () => Promise<void>,
): Promise<ReplayReport> {
  const logs = inOrder(state.logs);
  const findings = [...state.findings];
  const report = (finding: Finding) => void findings.push(finding);
  bindOwners(logs, report);
  await checkDigests();
  const jobs = judgeAll(state, logs, report);
  judgeLogs(state, logs, report);
  const result = {
    identities: reportIdentities(logs),
    logs: logs.map(reportLog),
    jobs,
    findings: findings.filter(({ code }) => !UNRESOLVED.has(code)).sort(compareFindings),
    unresolved: findings.filter(({ code }) => UNRESOLVED.has(code)).sort(compareFindings),
    notHeld: logs.flatMap((log) =>
      log.holdings.ranges().map(([from, to]): NotHeld => ({ core: hexOf(log.key), from, to }))
    ),
  };
  return {
    digest: digestOf(result),
    signatures: state.signatures,
    entries: state.read,
    ...result,
  };
}

function judgeAll(
  state: ReplayState,
  logs: readonly Log[],
  report: (finding: Finding) => void,
): JobReport[] {
  const whole = new Set(
    logs.filter((log) => log.complete).map((log) => `${log.name} ${log.owner}`),
  );
  const context = {
    complete: (owner: Key, name: LogName) => whole.has(`${name} ${owner}`),
    report,
    hex: hexOnce(),
  };
  const jobs: JobReport[] = [];
  for (const key of [...state.jobs.keys()].sort()) {
    const job: JobReport = {
      job: hexOf(key),
      requester: null,
      profile: null,
      state: 'orphan',
      attempts: [],
    };
    for (const entries of byAttempt(state.jobs.get(key)!)) {
      const judged = judge(entries[0]!.attempt, entries, context);
      job.attempts.push(judged.report);
      job.state = judged.report.state;
      if (judged.requester !== null) job.requester ??= context.hex(judged.requester);
      if (judged.profile !== null) job.profile ??= context.hex(judged.profile);
    }
    jobs.push(job);
  }
  return jobs;
}

function judgeLogs(
  state: ReplayState,
  logs: readonly Log[],
  report: (finding: Finding) => void,
): void {
  for (const log of logs) {
    if (log.fork !== 0) {
      report(log.finding('fork', null, `history was rewritten ${log.fork} times`));
    }
    const unseen = log.believed ? log.holdings.firstUnseen(log.length) : null;
    if (unseen !== null) {
      const lacking = log.length - log.holdings.held - log.holdings.missing;
      const detail = `${lacking} of ${log.length} blocks are missing, the first one is ${unseen}`;
      report(log.finding('log-truncated', unseen, detail));
    }
    const seen = state.seen.get(log.key);
    if (seen !== undefined && seen.length > log.length) {
      const by = `${hexOf(seen.log.key)} #${seen.index}`;
      const detail = `${log.length} blocks here, ${by} says that it had seen ${seen.length}`;
      report(log.finding('log-shorter-than-seen', null, detail));
    }
  }
  for (const { log, index, type } of state.others) {
    if (type === 'identity') {
      report(log.finding('identity-repeated', index, 'only the first block may be an identity'));
    } else if (log.owner !== null && !log.admits(type)) {
      report(log.finding('wrong-log', index, `a ${type} in the ${log.name} log`));
    }
  }
  for (const finding of state.voting.findings()) report(finding);
  for (const finding of state.verdicts.findings((job) => state.jobs.has(job))) report(finding);
}

function reportLog(log: Log): LogReport {
  return {
    core: hexOf(log.key),
    length: log.length,
    fork: log.fork,
    treeHash: log.believed && log.treeHash !== null ? hexOf(log.treeHash) : null,
    owner: log.owner === null ? null : hexOf(log.owner),
    log: log.name,
    entries: log.entries,
  };
}

function compareFindings(a: Finding, b: Finding): number {
  const order = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
  return order(a.core, b.core) || (a.index ?? -1) - (b.index ?? -1) || order(a.code, b.code) ||
    order(a.detail, b.detail);
}

/** Items hashed in one step: bounds the memory of hashing. */
const CHUNK = 1024;

function digestOf(result: Omit<ReplayReport, 'digest' | 'signatures' | 'entries'>): Uint8Array {
  const utf8 = new TextEncoder();
  let digest: Uint8Array = new Uint8Array(32);
  for (const part of ['identities', 'logs', 'jobs', 'findings', 'notHeld'] as const) {
    for (let from = 0; from === 0 || from < result[part].length; from += CHUNK) {
      const text = JSON.stringify(result[part].slice(from, from + CHUNK));
      digest = taggedHash('nexus/replay/1', digest, utf8.encode(part), utf8.encode(text));
    }
  }
  return digest;
}
