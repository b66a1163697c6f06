import { NexusError } from '../../feeds/base/mod.ts';

/** The most negative relative logit; smaller ones are clipped to it. */
const MIN_Z = -32768;

/**
 * Raw logits to what is committed to and sampled from: relative to the largest, in units of
 * 1/1024 nat, rounded half up, clipped to int16. The only place where floats are rounded.
 * @throws {NexusError} `NO_CANDIDATES` for an empty list, `BAD_LOGITS` where one is NaN or the
 * largest is not finite
 */
export function quantiseLogits(logits: ArrayLike<number>): Int16Array {
  if (logits.length === 0) {
    throw new NexusError('NO_CANDIDATES', 'there is no candidate token to draw from');
  }
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (Number.isNaN(logit)) throw badLogits();
    if (logit > max) max = logit;
  }
  if (!Number.isFinite(max)) throw badLogits();
  const z = new Int16Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    z[i] = Math.max(MIN_Z, Math.floor((logits[i]! - max) * 1024 + 0.5));
  }
  return z;
}

function badLogits(): NexusError {
  return new NexusError('BAD_LOGITS', 'the model returned logits that are not numbers', {
    hint: 'check the model file: its weights are damaged or overflow on this device',
  });
}
