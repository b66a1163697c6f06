import { counted } from '../../feeds/base/mod.ts';
import {
  type AuditorTrust,
  type Duty,
  type ExecutorTrust,
  type Hex,
  LOG_UNIT,
  type ProvenCheat,
  type TrustView,
} from '../../feeds/trust/mod.ts';
import type {
  AuditorTrustRow,
  AuditRow,
  CheatRow,
  ExecutorTrustRow,
  TrustRows,
} from '../control/mod.ts';

/** Audits, and of each kind of record so many, that a dashboard is shown. */
const MAX_AUDITS = 200;
const MAX_KEYS = 256;
const MAX_HISTORY = 64;
const MAX_CHEATS = 64;
/** Of a cheat's audited answers. */
const MAX_SUBJECTS = 64;

/** The audits as a dashboard shows them. @param lifetimeAlpha in a million: the network's rule */
export function trustRows(
  view: TrustView,
  me: Hex,
  lifetimeAlpha: number,
  note: string | null,
): TrustRows {
  const limit = Math.log(1e6 / lifetimeAlpha);
  const own = view.auditors.find(({ auditor }) => auditor === me);
  // Where there are too many, those that anything speaks against are shown.
  const executors = [...view.executors].sort((a, b) => b.log - a.log);
  const recent = view.duties.slice(-MAX_AUDITS);
  const older = view.duties.slice(0, -MAX_AUDITS).filter(({ auditor }) => auditor === me);
  return {
    epoch: view.epoch,
    digest: view.digest,
    owed: own?.owed ?? 0,
    done: own?.done ?? 0,
    missed: own?.missed ?? 0,
    audits: [...older.slice(-MAX_AUDITS), ...recent].map((duty) => auditRow(duty, me)),
    executors: executors.slice(0, MAX_KEYS).map((one) => executorRow(one, limit)),
    auditors: view.auditors.slice(0, MAX_KEYS).map(auditorRow),
    cheats: view.cheats.slice(-MAX_CHEATS).map(cheatRow),
    proofs: null,
    note,
  };
}

/** A duty as a row. */
export function auditRow(
  { subject, auditor, panel, state, beacon, due, revealed }: Duty,
  me: Hex,
): AuditRow {
  const { id, job, attempt, executor } = subject;
  return {
    subject: id,
    job,
    attempt,
    executor,
    auditor,
    own: auditor === me,
    panel,
    state,
    epoch: beacon,
    due,
    finding: revealed?.finding ?? null,
    positions: revealed?.positions ?? null,
    mismatches: revealed?.mismatches ?? null,
    detail: revealed?.detail ?? '',
  };
}

/** A proven cheat as a row. */
export function cheatRow({ executor, epoch, log, subjects }: ProvenCheat): CheatRow {
  return {
    executor,
    cause: 'lifetime',
    epoch,
    log: nats(log),
    subjects: subjects.slice(-MAX_SUBJECTS),
    detail: `by its test over ${
      counted(subjects.length, 'answer')
    } in which audits found something`,
  };
}

function executorRow(one: ExecutorTrust, limit: number): ExecutorTrustRow {
  const { executor, subjects, audited, clean, suspect, withheld, planted, rate, log, proven } = one;
  const history = one.history.slice(-MAX_HISTORY);
  return {
    key: executor,
    subjects,
    audited,
    clean,
    suspect,
    withheld,
    planted,
    rate: rate / 10_000,
    log: nats(log),
    history: history.map(([epoch, log]) => ({ epoch, log: nats(log) })),
    limit,
    proven: proven !== null,
  };
}

function auditorRow({ auditor, ...counts }: AuditorTrust): AuditorTrustRow {
  const { owed, done, missed, against, copied, canaries, wrong } = counts;
  return { key: auditor, owed, done, missed, against, copied, canaries, wrong };
}

function nats(log: number): number {
  return log / LOG_UNIT;
}
