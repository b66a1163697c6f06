import { equalBytes, fromHex, taggedHash } from '../base/mod.ts';
import { type CanaryRevealRecord, encodeRecord, keyHash } from '../records/mod.ts';
import type { Hex } from './types.ts';

/**
 * The `plan` of a `canary` entry: 32 bytes over its author and everything that the reveal says but
 * where the commitment stands, so that a copied plan never opens.
 */
export function canaryPlan(author: Uint8Array, reveal: CanaryRevealRecord): Uint8Array {
  return taggedHash('nexus/canary/1', author, encodeRecord({ ...reveal, commit: 0 }));
}

/**
 * Key of the n-th job of a plan, 32 bytes. It is made before the job is: nobody finds a plan to which
 * the random key of somebody else's job belongs, however late the cut that covers that job.
 */
export function canaryKey(salt: Uint8Array, index: number): Uint8Array {
  return taggedHash('nexus/canary-key/1', salt, Uint8Array.of(index >> 8, index));
}

/** True where a job was planted with that salt: its entry commits to the key that follows from it. */
export function isPlanted(salt: Uint8Array, index: number, committed: Hex): boolean {
  return equalBytes(keyHash(canaryKey(salt, index)), fromHex(committed));
}

/**
 * How many duties a liar does until it is found: each is a planted job with chance `share`, and a
 * planted job shows the lie with chance `detection`.
 * @returns the mean, and the number within which 95 % are found
 */
export function dutiesUntilFound(
  share: number,
  detection: number,
): { mean: number; most: number } {
  const found = share * detection;
  return { mean: 1 / found, most: Math.ceil(Math.log(0.05) / Math.log1p(-found)) };
}
