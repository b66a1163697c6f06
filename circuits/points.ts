import { concatBytes } from '../feeds/base/mod.ts';
import { malformed } from './errors.ts';
import { bytesOf, numberOf } from './field.ts';
import type { Curve, Group, Raw } from './library.ts';

export const PROOF_BYTES = 256;

/** The three points of a proof, affine. */
export interface ProofPoints {
  a: Raw;
  b: Raw;
  c: Raw;
}

/** A proof's points as snarkjs writes them, in bytes. */
export function proofBytes(
  { pi_a, pi_b, pi_c }: { pi_a: string[]; pi_b: string[][]; pi_c: string[] },
): Uint8Array {
  const numbers = [
    ...[pi_a[0], pi_a[1]],
    ...[pi_b[0]?.[1], pi_b[0]?.[0], pi_b[1]?.[1], pi_b[1]?.[0]],
    ...[pi_c[0], pi_c[1]],
  ];
  return concatBytes(...numbers.map((one) => bytesOf(BigInt(one!))));
}

/**
 * The points of a proof, each on its curve and in its subgroup; the point at infinity is in no proof.
 * @throws {NexusError} `PROOF_MALFORMED`
 */
export function proofPoints(curve: Curve, proof: Uint8Array): ProofPoints {
  if (!(proof instanceof Uint8Array) || proof.length !== PROOF_BYTES) {
    throw malformed(`it has ${proof?.length} bytes, not ${PROOF_BYTES}`);
  }
  const [ax, ay, bx1, bx0, by1, by0, cx, cy] = Array.from({ length: 8 }, (_, i) => {
    const value = numberOf(proof.subarray(32 * i, 32 * i + 32));
    if (value >= curve.q) throw malformed('a coordinate is not below the field’s order');
    return value;
  });
  const a = pointOf(curve.G1, 'A', [ax, ay, 1n]);
  const b = pointOf(curve.G2, 'B', [[bx0, bx1], [by0, by1], [1n, 0n]]);
  const c = pointOf(curve.G1, 'C', [cx, cy, 1n]);
  // G1 has no smaller subgroups.
  if (!isInSubgroup(curve, b)) throw malformed('its point B is not in the subgroup');
  return { a, b, c };
}

function pointOf(group: Group, name: string, coordinates: unknown[]): Raw {
  const point = group.fromObject(coordinates);
  if (group.isZero(point)) throw malformed(`its point ${name} is the point at infinity`);
  if (!group.isValid(point)) throw malformed(`its point ${name} is not on the curve`);
  return point;
}

/** Whether a point of the second group's curve has the group's order. */
export function isInSubgroup({ G2, r }: Curve, point: Raw): boolean {
  return G2.isZero(G2.timesScalar(point, r));
}
