import { type ErrorDetail, NexusError } from '../base/mod.ts';

/** A proof that does not hold. `PROOF_` codes: see the functions that throw them. */
export function refused(code: `PROOF_${string}`, what: string, detail?: ErrorDetail): NexusError {
  return new NexusError(code, what, {
    hint: 'take nothing from this source as proven; fetch the proof again from another peer',
    ...detail,
  });
}
