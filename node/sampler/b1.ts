import { NexusError } from '../../feeds/base/mod.ts';

/** Steps of the byte in a nat. */
export const B1_STEPS = 16;

/**
 * The artifact's byte for one token: the raw logit of the chosen token in steps of 1/16 nat, rounded
 * half up, modulo 256: `floor(16 x + 1/2) mod 256`, the residue in 0..255 also for negative logits.
 * Raw and modular, so it never clips.
 * @throws {NexusError} `BAD_LOGITS` unless the logit is finite
 */
export function b1Byte(logit: number): number {
  if (!Number.isFinite(logit)) {
    throw new NexusError('BAD_LOGITS', `a raw logit is a finite number, not ${String(logit)}`, {
      hint: 'check the model file: its weights are damaged or overflow on this device',
    });
  }
  const steps = Math.floor(logit * B1_STEPS + 0.5) % 256;
  // Not `+ 256` before the remainder: it would round away a large logit's steps.
  return steps < 0 ? steps + 256 : steps + 0;
}

/**
 * Claimed minus own byte, modulo 256, as a signed number of steps in -128..127: statistic B1.
 * Differences of 8 nats and more alias; a wrong model is seen long before.
 */
export function b1Difference(claimed: number, own: number): number {
  return ((claimed - own + 128) & 255) - 128;
}
