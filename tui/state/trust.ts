import { happen, SUSPECT } from './happenings.ts';
import { short, step } from './jobs.ts';
import { count, counts, type Fields, fieldsOf, hex, list, newest, number, text } from './read.ts';
import { proofsOf } from './proofs.ts';
import type { Reader } from './runs.ts';
import {
  type Audit,
  type AuditorTrust,
  type Cheat,
  type ExecutorTrust,
  LIMITS,
  type State,
  type Trust,
} from './types.ts';

/** What speaks for an answer. */
const GOOD: ReadonlySet<string> = new Set(['proof-logged', 'proof-checked']);

/** What is told of audits. */
export const AUDITS: Record<string, Reader> = {
  trust(state, from) {
    const trust = trustOf(from.trust);
    if (trust === null) return false;
    state.trust = trust;
    return true;
  },
  'audit-duty': told(() => null),
  'audit-verdict': told((from) => {
    const finding = text(from.finding, 16) ?? '?', looked = count(from.positions) ?? 0;
    return `${finding}, by ${short(hex(from.auditor))}, ${looked} positions`;
  }),
  'audit-withheld': told(() => 'its key was withheld'),
  'audit-missed': told((from) => `not done by ${short(hex(from.auditor))}`),
  'proof-logged': told(() => 'its sampling is proven', 'proof'),
  'proof-checked': told(() => 'checked here', 'proof'),
  'proof-missing': told(() => 'it did not come in time', 'proof'),
  'proof-refused': told((from) => `refused: ${text(from.code, 48) ?? '?'}`, 'proof'),
  'proof-refuted': told(() => 'it is wrong', 'proof'),
};

/** A line for people, and a moment in the life of the job that was audited, if it is known. */
function told(says: (from: Fields) => string | null, stage = 'audit'): Reader {
  return (state: State, from, at) => {
    const event = text(from.event, 48)!, id = hex(from.job), said = says(from);
    if (id === null) return false;
    happen(state, event, from, at);
    const job = state.jobs.get(id);
    const bad = event === 'audit-verdict' ? SUSPECT.has(from.finding) : !GOOD.has(event);
    if (job !== undefined && said !== null) step(job, at, stage, said, bad);
    return true;
  };
}

/** Where the audits stand as it may be shown; null if it is nothing of that kind. */
export function trustOf(value: unknown): Trust | null {
  const from = fieldsOf(value);
  if (from === null || !Array.isArray(from.executors) || !Array.isArray(from.audits)) return null;
  return {
    epoch: count(from.epoch),
    digest: hex(from.digest) ?? '',
    owed: count(from.owed) ?? 0,
    done: count(from.done) ?? 0,
    missed: count(from.missed) ?? 0,
    audits: newest(from.audits, LIMITS.audits, auditOf).sort((a, b) => a.epoch - b.epoch),
    executors: list(from.executors, LIMITS.executors, executorOf),
    auditors: list(from.auditors, LIMITS.auditors, auditorOf),
    cheats: newest(from.cheats, LIMITS.cheats, cheatOf),
    proofs: proofsOf(from.proofs),
    note: text(from.note, 200) || null,
  };
}

const STATES: ReadonlySet<string> = new Set<Audit['state']>([
  'drawn',
  'requested',
  'withheld',
  'opened',
  'committed',
  'revealed',
  'missed',
]);

function auditOf(value: unknown): Audit | null {
  const from = fieldsOf(value);
  const subject = hex(from?.subject), job = hex(from?.job);
  const executor = hex(from?.executor), auditor = hex(from?.auditor);
  const state = text(from?.state, 16) ?? '';
  if (from === null || subject === null || job === null) return null;
  if (executor === null || auditor === null || !STATES.has(state)) return null;
  return {
    subject,
    job,
    attempt: count(from.attempt) ?? 0,
    executor,
    auditor,
    own: from.own === true,
    panel: from.panel === true,
    state: state as Audit['state'],
    epoch: count(from.epoch) ?? 0,
    due: count(from.due),
    finding: text(from.finding, 16) || null,
    positions: count(from.positions),
    mismatches: count(from.mismatches),
    detail: text(from.detail, 200) ?? '',
  };
}

function executorOf(value: unknown): ExecutorTrust | null {
  const from = fieldsOf(value);
  const key = hex(from?.key), log = number(from?.log), limit = number(from?.limit);
  if (from === null || key === null || log === null || limit === null) return null;
  return {
    key,
    ...counts(from, ['subjects', 'audited', 'clean', 'suspect', 'withheld', 'planted']),
    rate: number(from.rate) ?? 0,
    log,
    history: newest(from.history, LIMITS.history, (one) => {
      const point = fieldsOf(one);
      const epoch = count(point?.epoch), log = number(point?.log);
      return epoch === null || log === null ? null : { epoch, log };
    }),
    limit,
    proven: from.proven === true,
  };
}

function auditorOf(value: unknown): AuditorTrust | null {
  const from = fieldsOf(value);
  const key = hex(from?.key);
  if (from === null || key === null) return null;
  return {
    key,
    ...counts(from, ['owed', 'done', 'missed', 'against', 'copied', 'canaries', 'wrong']),
  };
}

function cheatOf(value: unknown): Cheat | null {
  const from = fieldsOf(value);
  const executor = hex(from?.executor);
  if (from === null || executor === null) return null;
  return {
    executor,
    cause: text(from.cause, 32) ?? '',
    epoch: count(from.epoch),
    log: number(from.log),
    subjects: newest(from.subjects, LIMITS.subjects, hex),
    detail: text(from.detail, 300) ?? '',
  };
}
