import { concatBytes, taggedHash } from '../feeds/base/mod.ts';
import { bytesOf, FIELD, numberOf } from './field.ts';
import type { VerificationKey } from './keys.ts';
import type { Curve, Raw } from './library.ts';
import type { ProofPoints } from './points.ts';

/** A proof whose form was checked. */
export interface Ready {
  publics: readonly bigint[];
  proof: Uint8Array;
  points: ProofPoints;
}

/**
 * Whether all proofs of one key hold: e(A, B) = e(alpha, beta) e(inputs, gamma) e(C, delta) of each,
 * raised to a factor of its own and multiplied, so that n proofs take n + 3 Miller loops and one final
 * exponentiation. The factors are 128 bits of a hash over all that is checked: whoever makes the proofs
 * cannot choose them so that errors cancel, and the result is the same for every reader.
 */
export async function holdsAll(
  curve: Curve,
  key: VerificationKey,
  items: readonly Ready[],
): Promise<boolean> {
  const { G1, Gt } = curve;
  const factors = factorsOf(key, items);
  const sums = new Array<bigint>(key.publics + 1).fill(0n);
  let product = Gt.one;
  for (const [i, { publics, points }] of items.entries()) {
    const factor = factors[i]!;
    sums[0]! += factor;
    for (const [j, value] of publics.entries()) sums[j + 1]! += factor * value;
    product = Gt.mul(product, miller(curve, G1.timesScalar(points.a, factor), points.b));
  }
  const scalars = concatBytes(...sums.map((sum) => littleEndian(sum % FIELD)));
  const inputs = await G1.multiExpAffine(key.inputs, scalars);
  const c = await G1.multiExpAffine(
    concatBytes(...items.map(({ points }) => points.c)),
    concatBytes(...factors.map(littleEndian)),
  );
  const alpha = G1.timesScalar(key.alpha, sums[0]! % FIELD);
  for (const [point, other] of [[alpha, key.beta], [inputs, key.gamma], [c, key.delta]] as const) {
    // The pairing of a point at infinity is one.
    if (G1.isZero(point)) continue;
    product = Gt.mul(product, miller(curve, G1.neg(point), other));
  }
  return Gt.eq(curve.finalExponentiation(product), Gt.one);
}

function miller(curve: Curve, a: Raw, b: Raw): Raw {
  const { G1, G2 } = curve;
  return curve.millerLoop(
    curve.prepareG1(G1.toJacobian(G1.toAffine(a))),
    curve.prepareG2(G2.toJacobian(b)),
  );
}

function factorsOf({ hash }: VerificationKey, items: readonly Ready[]): bigint[] {
  if (items.length === 1) return [1n];
  const statement = items.map(({ publics, proof }) =>
    concatBytes(proof, ...publics.map((value) => bytesOf(value)))
  );
  const seed = taggedHash('nexus/proof-batch/1', new TextEncoder().encode(hash), ...statement);
  return items.map((_, i) => {
    const place = Uint8Array.of(i >> 24, i >> 16, i >> 8, i);
    const factor = numberOf(taggedHash('nexus/proof-factor/1', seed, place).subarray(0, 16));
    return factor === 0n ? 1n : factor;
  });
}

function littleEndian(value: bigint): Uint8Array {
  return bytesOf(value).reverse();
}
