import { countBytes, fromHex, taggedHash, toHex } from '../base/mod.ts';
import { drawOrder, type Hex } from '../trust/mod.ts';

/** True if the beacon asks for a proof of a subject, at a share in 10,000. */
export function isAsked(beacon: Uint8Array, subject: Hex, share: number): boolean {
  const hash = taggedHash('nexus/proof-asked/1', beacon, fromHex(subject));
  const word = new DataView(hash.buffer, hash.byteOffset).getUint32(0);
  return Math.floor(word * 10_000 / 2 ** 32) < share;
}

/** What the positions of a proof follow from: 32 bytes, hexadecimal; not those of its audit. */
export function proofDraw(beacon: Uint8Array, subject: Hex): Hex {
  return toHex(taggedHash('nexus/proof-draw/1', beacon, fromHex(subject)));
}

/**
 * The output positions (of the attempt) that a proof is about, none twice. They are known once the
 * artifact cannot change any more.
 * @param tokens of the attempt
 * @param count positions that one proof has: fewer where there are fewer tokens
 */
export function proofPositions(draw: Hex, tokens: number, count: number): number[] {
  return drawOrder(fromHex(draw), tokens).slice(0, count);
}

/**
 * What a proof is bound to, so that it counts for this attempt alone: parts of the hash that is its
 * first public input.
 * @param subject hash of the artifact, which names job, attempt and executor
 * @param beacon epoch whose beacon drew the positions
 */
export function proofContext(network: Uint8Array, subject: Hex, beacon: number): Uint8Array[] {
  return [network, fromHex(subject), countBytes(beacon)];
}
