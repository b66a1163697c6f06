import { taggedHash } from '../base/mod.ts';
import { type CanaryRevealRecord, encodeRecord } from '../records/mod.ts';

/**
 * The `plan` of a `canary` entry: 32 bytes over its author and everything that the reveal says but
 * where the commitment stands, so that a copied plan never opens.
 */
export function canaryPlan(author: Uint8Array, reveal: CanaryRevealRecord): Uint8Array {
  return taggedHash('nexus/canary/1', author, encodeRecord({ ...reveal, commit: 0 }));
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
