import { toHex } from '../../feeds/base/mod.ts';
import type { Considered, JobEvent } from './events.ts';
import type { Job } from './offer.ts';
import type { Choice } from './search.ts';

/** The event that tells who was chosen, from whom, and why. */
export function route(job: Job, attempt: number, { chosen, ranking }: Choice): JobEvent {
  const where = (isLocal: boolean): 'local' | 'mesh' => isLocal ? 'local' : 'mesh';
  const candidates: Considered[] = [
    ...ranking.order.map(({ candidate, cost, reasons }) => ({
      executor: toHex(candidate.executor),
      where: where(candidate.isLocal),
      cost,
      reasons,
      refused: null,
    })),
    ...ranking.rejected.map(({ candidate, code, message }) => ({
      executor: toHex(candidate.executor),
      where: where(candidate.isLocal),
      cost: null,
      reasons: [],
      refused: { code, message },
    })),
  ];
  return {
    type: 'route',
    job: toHex(job.id),
    attempt,
    executor: toHex(chosen.candidate.executor),
    where: where(chosen.candidate.isLocal),
    chance: chosen.chance,
    reasons: chosen.reasons,
    candidates,
  };
}
