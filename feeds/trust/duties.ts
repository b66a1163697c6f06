import type { Duty, DutyState, Place, TrustRules } from './types.ts';

/** A duty with what the fold alone needs to know. */
export interface Task {
  duty: Duty;
  /** Cut in which it was drawn. */
  drawn: number;
  /** Value of its commitment, hexadecimal. */
  value: string | null;
  salt: string | null;
  readings: readonly { byte: number; top: number }[] | null;
}

/**
 * Where a duty stands at the end of a cut. Its steps stand in logs of different writers, so a cut may
 * cover a later one before an earlier one: each is noted when it comes and counts when its turn is.
 * @param revealFrom cut at whose end all auditors of the round had committed or missed; null before
 */
export function advance(
  { duty, drawn }: Task,
  cut: number,
  revealFrom: number | null,
  rules: TrustRules,
): Duty {
  const { request, open, commit, reveal } = duty;
  if (isOver(duty)) return duty;
  const at = (...places: (Place | null)[]) =>
    places.reduce((latest, place) => Math.max(latest, place?.cut ?? drawn), drawn);
  if (request === null) return wait(duty, cut, 'drawn', 'missed', drawn + rules.requestCuts);
  const requested = at(request);
  if (open === null) return wait(duty, cut, 'requested', 'withheld', requested + rules.openCuts);
  const opened = at(request, open);
  if (commit === null) return wait(duty, cut, 'opened', 'missed', opened + rules.commitCuts);
  if (reveal !== null) return { ...duty, state: 'revealed', due: null, mayReveal: false };
  if (revealFrom === null) return change(duty, 'committed', null, false);
  const due = Math.max(revealFrom, at(open, commit)) + rules.revealCuts;
  const next = wait(duty, cut, 'committed', 'missed', due);
  return isOver(next) || next.mayReveal ? next : { ...next, mayReveal: true };
}

/** True where no further step of a duty counts. */
export function isOver({ state }: Duty): boolean {
  return state === 'revealed' || state === 'missed' || state === 'withheld';
}

/**
 * True where a verdict shows what its auditor read: evidence, wherever there is a calibration to make it
 * with. Everything else can be said without reading.
 */
export function isShown({ revealed, calibration }: Duty): boolean {
  return revealed !== null && (calibration === null || revealed.evidence !== null);
}

/** True where nobody of the round waits for this auditor's commitment any more. */
export function hasCommitted({ duty }: Task): boolean {
  return isOver(duty) || duty.state === 'committed';
}

function wait(duty: Duty, cut: number, now: DutyState, late: DutyState, due: number): Duty {
  return cut < due
    ? change(duty, now, due, duty.mayReveal)
    : { ...duty, state: late, due: null, mayReveal: false };
}

function change(duty: Duty, state: DutyState, due: number | null, mayReveal: boolean): Duty {
  const same = duty.state === state && duty.due === due && duty.mayReveal === mayReveal;
  return same ? duty : { ...duty, state, due, mayReveal };
}
