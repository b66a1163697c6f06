import type { Offered } from '../router/mod.ts';
import { JOB_VERSION } from './wire.ts';

/** An executor that is asked whatever the router would say of it: free, and its model is loaded. */
export function chosenCandidate(
  known: Pick<Offered, 'executor' | 'profile' | 'class' | 'price' | 'rttMs'>,
): Offered {
  return {
    ...known,
    load: { active: 0, queued: 0, slots: 1 },
    warm: true,
    prefixAffinity: 0,
    isLocal: false,
    versions: [JOB_VERSION],
    banned: false,
  };
}
