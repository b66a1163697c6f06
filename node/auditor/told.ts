import type { Duty, Hex, Subject, TrustEvent } from '../../feeds/trust/mod.ts';
import type { AuditRow, CheatRow } from '../control/mod.ts';
import type { OwnEntries } from './own.ts';
import { auditRow, cheatRow } from './rows.ts';

/** Something that a node tells its owner. */
export interface Told {
  event:
    | 'audit-duty'
    | 'audit-verdict'
    | 'audit-withheld'
    | 'audit-missed'
    | 'audit-closed'
    | 'cheat-proven'
    | 'canary';
  fields: Record<string, unknown>;
  /** It is about this node's own duties or answers, or about whom it will not ask again. */
  concerns: boolean;
}

/** What of a cut's conclusions is worth an event. @param own what this node has logged itself */
export function tellOf(
  events: readonly TrustEvent[],
  me: Hex,
  own: Pick<OwnEntries, 'shown'>,
): Told[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'proven':
        return [{ event: 'cheat-proven', fields: { ...cheatRow(event.cheat) }, concerns: true }];
      case 'subject':
        return isOther(event.subject, me, own) ? [contradicted(event.subject, OTHER)] : [];
      case 'duty':
        return tellDuty(event.duty, me);
      case 'closed':
        return tellEnd(event, me);
      case 'canary':
        return [tellCanary(event, me)];
      default:
        return [];
    }
  });
}

const OTHER = 'it logged another artifact than the one that it signed for this node';

/** Its executor has signed two artifacts of one attempt: one is in its log, one was shown to us. */
function isOther(
  { kind, requester, id, job, attempt }: Subject,
  me: Hex,
  own: Pick<OwnEntries, 'shown'>,
): boolean {
  if (kind !== 'artifact' || requester !== me) return false;
  const shown = own.shown(job, attempt);
  return shown !== null && shown !== id;
}

/** How the audit of an answer to this node, or by it, ended. */
function tellEnd(
  { subject, outcome, reason, fraudClaimed }: TrustEvent & { type: 'closed' },
  me: Hex,
): Told[] {
  const { id, job, attempt, requester, executor } = subject;
  const mine = requester === me;
  if (!mine && executor !== me) return [];
  const fields = { subject: id, job, attempt, executor, mine, outcome, reason, fraudClaimed };
  return [{ event: 'audit-closed', fields, concerns: true }];
}

/** A planted job is shown to be one: who tested whom with it. */
function tellCanary({ type, ...canary }: TrustEvent & { type: 'canary' }, me: Hex): Told {
  const mine = canary.author === me;
  return { event: type, fields: { ...canary, mine }, concerns: mine || canary.wrong.includes(me) };
}

/** What this node has read itself: two things that the executor signed and that cannot both be. */
function contradicted({ id, executor }: Subject, detail: string): Told {
  const found = { epoch: null, log: null, subjects: [id], detail };
  const cheat: CheatRow = { executor, cause: 'contradiction', ...found };
  return { event: 'cheat-proven', fields: { ...cheat }, concerns: true };
}

function tellDuty(duty: Duty, me: Hex): Told[] {
  const { own, state, finding, positions, mismatches, detail, ...about } = auditRow(duty, me);
  const mine = duty.subject.requester === me;
  const concerns = own || mine || duty.subject.executor === me;
  switch (state) {
    case 'drawn': {
      const { auditor: _, ...named } = about;
      return own ? [{ event: 'audit-duty', fields: named, concerns }] : [];
    }
    case 'revealed': {
      const found: Partial<AuditRow> = { finding, positions, mismatches, detail };
      const verdict = { ...about, own, mine, ...found };
      return [
        { event: 'audit-verdict', fields: verdict, concerns },
        ...own && finding === 'fraud' ? [contradicted(duty.subject, detail)] : [],
      ];
    }
    case 'withheld':
    case 'missed':
      return [{ event: `audit-${state}`, fields: { ...about, own, mine }, concerns }];
    default:
      return [];
  }
}
