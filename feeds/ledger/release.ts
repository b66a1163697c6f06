import type { Attempt } from './attempt.ts';
import type { Desk } from './desk.ts';
import type { Jobs } from './jobs.ts';

/** Frees what nobody may challenge any more, ends what was never settled, forgets what is over. */
export function takeDue(jobs: Jobs, desk: Desk): void {
  const { world } = desk;
  for (const attempt of jobs.agenda.take(world.cut)) {
    if (attempt.state === 'open') jobs.expire(attempt);
    else if (attempt.state === 'over') jobs.forget(attempt);
    else release(attempt, jobs, desk);
  }
}

function release(attempt: Attempt, jobs: Jobs, desk: Desk): void {
  const { cut, challengeCuts } = desk.world;
  const { free, tokens } = attempt.payment!;
  // An audit that was drawn ends some day; whoever is told of it sets the attempt on the agenda.
  if (attempt.audit === 'open') return jobs.agenda.set(attempt, null);
  if (attempt.audited === null && cut < free + challengeCuts) {
    return jobs.agenda.set(attempt, cut + 1);
  }
  // Nothing is paid that could not have been audited.
  if (attempt.audited === null || tokens > attempt.audited) desk.refund(attempt);
  else desk.release(attempt);
  // It may still be refunded out of a bond.
  jobs.agenda.set(attempt, cut + challengeCuts);
}
