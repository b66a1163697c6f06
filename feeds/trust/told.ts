import type { TrustEvent } from './view_types.ts';

/**
 * What a digest covers of an event. Subjects were told once and are named from then on, and of a duty
 * that goes on what has changed: most of what a cut concludes are steps of duties.
 */
export function told(event: TrustEvent): unknown {
  if (event.type === 'closed') return { ...event, subject: event.subject.id };
  if (event.type !== 'duty') return event;
  const { subject: { id }, auditor, state, due, mayReveal, opens, revealed } = event.duty;
  if (state === 'drawn') return { type: 'duty', ...event.duty, subject: id };
  return {
    type: 'duty',
    subject: id,
    auditor,
    state,
    due,
    mayReveal,
    opens: opens.length,
    revealed,
  };
}
