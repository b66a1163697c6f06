import { toHex } from '../base/mod.ts';
import {
  type OpenRecord,
  type RequestRecord,
  verdictCommitment,
  type VerdictCommitRecord,
  type VerdictRevealRecord,
} from '../records/mod.ts';
import { type Audit, isAlarm } from './audit.ts';
import type { Auditors } from './auditors.ts';
import { isOver, type Task } from './duties.ts';
import type { Known } from './logs.ts';
import type { Duty, Hex, Revealed } from './types.ts';
import type { TrustFindingCode } from './view_types.ts';
import type { World } from './world.ts';

type Step = RequestRecord | OpenRecord | VerdictCommitRecord | VerdictRevealRecord;

const CODES = {
  request: 'request',
  open: 'open',
  verdictCommit: 'commit',
  verdictReveal: 'reveal',
} as const satisfies Record<Step['type'], TrustFindingCode>;

/** Takes one step of a duty's life from the log of who took it. */
export function takeStep(
  entry: Known<Step>,
  audit: Audit | undefined,
  auditors: Auditors,
  world: World,
): void {
  const { record, owner, place } = entry;
  if (audit === undefined) {
    return world.refuse('unknown-subject', place, `a ${record.type} for what is not audited`);
  }
  const auditor = record.type === 'open' ? toHex(record.auditor) : owner;
  const found = audit.task(auditor);
  const code = CODES[record.type];
  if (found === null) return world.refuse(code, place, 'the auditor was not drawn for it');
  const { task, round } = found, { duty } = task;
  const fault = isOver(duty)
    ? 'its duty is over'
    : record.type === 'request'
    ? requestFault(record, duty)
    : record.type === 'open'
    ? openFault(entry as Known<OpenRecord>, duty)
    : record.type === 'verdictCommit'
    ? duty.commit === null ? null : 'there is one already'
    : null;
  if (fault !== null) return world.refuse(code, place, fault);
  switch (record.type) {
    case 'request':
      task.duty = { ...duty, request: place };
      break;
    case 'open':
      task.duty = {
        ...duty,
        open: duty.open ?? place,
        opens: [...duty.opens, { by: owner, place }],
      };
      break;
    case 'verdictCommit':
      task.duty = { ...duty, commit: place };
      task.value = toHex(record.value);
      break;
    case 'verdictReveal': {
      const { commit } = duty;
      if (commit === null || commit.index !== record.commit || commit.cut >= place.cut) {
        return world.refuse('reveal-without-commit', place, 'no commitment in an earlier cut');
      }
      if (toHex(verdictCommitment(entry.ownerKey, record)) !== task.value) {
        return world.refuse('reveal', place, 'it is not what its author committed to');
      }
      if (duty.reveal !== null) return world.refuse('duplicate', place, 'it is revealed already');
      if (round.revealFrom === null || round.revealFrom >= place.cut) {
        return world.refuse('reveal', place, 'it comes before everybody has committed');
      }
      const read = readingsFault(record, duty);
      if (read !== null) {
        world.refuse('readings', place, read);
        auditors.fault(auditor, audit.subject.id, 'readings', world);
      }
      task.salt = toHex(record.salt);
      task.readings = read === null && record.readings.length > 0
        ? record.readings.map(({ byte, top }) => ({ byte, top }))
        : null;
      const isRead = task.readings !== null;
      const revealed = revealedOf(entry as Known<VerdictRevealRecord>, duty, isRead, world);
      task.duty = { ...duty, reveal: place, revealed };
    }
  }
}

function requestFault({ job, attempt }: RequestRecord, { subject, request }: Duty): string | null {
  if (request !== null) return 'there is one already';
  return toHex(job) === subject.job && attempt === subject.attempt ? null : 'it is of another job';
}

function openFault({ owner, log, record }: Known<OpenRecord>, duty: Duty): string | null {
  const { subject, opens } = duty;
  if (owner !== (log === 'jobs' ? subject.requester : subject.executor)) {
    return 'its author is not party to the job';
  }
  if (toHex(record.job) !== subject.job || record.attempt !== subject.attempt) {
    return 'it is of another job';
  }
  return opens.some(({ by }) => by === owner) ? 'there is one already' : null;
}

/** Who claims to have read must show it, at every position that was drawn. */
function readingsFault({ finding, readings }: VerdictRevealRecord, duty: Duty): string | null {
  // Nothing could be read, or a contradiction shows without reading.
  if (readings.length === 0 && (finding === 'inconclusive' || finding === 'fraud')) return null;
  const asked = duty.readings;
  const isSame = readings.length === asked.length &&
    readings.every(({ position }, i) => position === asked[i]);
  return isSame ? null : 'they are not those of the drawn positions';
}

function revealedOf(
  { record, place }: Known<VerdictRevealRecord>,
  { calibration }: Duty,
  isRead: boolean,
  world: World,
): Revealed {
  const { finding, evidence, positions, mismatches, detail } = record;
  const cited: Hex | null = record.calibration === null ? null : toHex(record.calibration);
  const counts = calibration !== null && cited === calibration.hash && isRead &&
    evidence.length === calibration.alternatives;
  if (!counts && evidence.length > 0) {
    world.refuse('evidence', place, 'it is not made with the calibration in force, or not shown');
  }
  return { finding, evidence: counts ? [...evidence] : null, positions, mismatches, detail };
}

/** Tells of every auditor that stood against the others or took what is another's. */
export function tellFaults(audit: Audit, auditors: Auditors, world: World): void {
  const { id } = audit.subject;
  const { against, disputed, read } = audit.compare();
  for (const auditor of against) auditors.fault(auditor, id, 'readings', world);
  for (const auditor of read) {
    const isHabit = auditors.compared(auditor, disputed.includes(auditor));
    if (isHabit) auditors.fault(auditor, id, 'readings', world);
  }
  for (const auditor of copiers(audit)) auditors.fault(auditor, id, 'copied', world);
  const { outcome } = audit;
  if (audit.panel === null || (outcome !== 'ok' && outcome !== 'suspect')) return;
  for (const { auditor, revealed } of audit.duties) {
    if (revealed === null || revealed.finding === 'inconclusive') continue;
    if (isAlarm(revealed.finding) === (outcome === 'ok')) {
      auditors.fault(auditor, id, 'finding', world);
    }
  }
}

/**
 * A copied commitment never opens; equal salts were not drawn twice by chance. What the first round has
 * said is public before a panel commits: whoever sits on it may take from there, and no other is to
 * blame for that.
 */
function copiers({ first, panel }: Audit): Hex[] {
  const later = panel?.tasks ?? [];
  return [...repeats(first.tasks, first.tasks), ...repeats(later, [...first.tasks, ...later])];
}

/** Whose commitment or salt one of the others has, too. */
function repeats(tasks: readonly Task[], others: readonly Task[]): Hex[] {
  return tasks.filter((task) =>
    others.some((other) =>
      other !== task &&
      ((task.salt === null && task.value !== null && task.value === other.value) ||
        (task.salt !== null && task.salt === other.salt))
    )
  ).map(({ duty }) => duty.auditor);
}
