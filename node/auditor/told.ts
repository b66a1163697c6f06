import type { Duty, Hex, TrustEvent } from '../../feeds/trust/mod.ts';
import type { AuditRow } from '../control/mod.ts';
import { auditRow, cheatRow } from './rows.ts';

/** Something that a node tells its owner. */
export interface Told {
  event: 'audit-duty' | 'audit-verdict' | 'audit-withheld' | 'audit-missed' | 'cheat-proven';
  fields: Record<string, unknown>;
}

/** What of a cut's conclusions is worth an event. */
export function tellOf(events: readonly TrustEvent[], me: Hex): Told[] {
  return events.flatMap((event) => {
    if (event.type === 'proven') {
      return [{ event: 'cheat-proven', fields: { ...cheatRow(event.cheat) } }];
    }
    return event.type === 'duty' ? tellDuty(event.duty, me) : [];
  });
}

function tellDuty(duty: Duty, me: Hex): Told[] {
  const { own, state, finding, positions, mismatches, detail, ...about } = auditRow(duty, me);
  const mine = duty.subject.requester === me;
  switch (state) {
    case 'drawn': {
      const { auditor: _, ...named } = about;
      return own ? [{ event: 'audit-duty', fields: named }] : [];
    }
    case 'revealed': {
      const found: Partial<AuditRow> = { finding, positions, mismatches, detail };
      return [{ event: 'audit-verdict', fields: { ...about, own, mine, ...found } }];
    }
    case 'withheld':
    case 'missed':
      return [{ event: `audit-${state}`, fields: { ...about, own, mine } }];
    default:
      return [];
  }
}
