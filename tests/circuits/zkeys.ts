import { sectionAt } from '../../circuits/binary.ts';

/** Where a section of a proving key starts, and how many bytes it has. */
export function sectionOf(zkey: Uint8Array, section: number): { at: number; bytes: number } {
  const at = sectionAt(zkey, section)!;
  const view = new DataView(zkey.buffer, zkey.byteOffset, zkey.length);
  return { at, bytes: Number(view.getBigUint64(at - 8, true)) };
}

/** A development key that says of its contribution that a party made it. */
export function contributed(zkey: Uint8Array): Uint8Array {
  // After the list's hash and length stand the points, and then the kind: 1 is a beacon.
  return zkey.with(sectionOf(zkey, 10).at + 64 + 4 + 384, 0);
}

/** The key of the same circuit with another secret in it; nobody could prove with this one. */
export function otherSecret(zkey: Uint8Array): Uint8Array {
  const { at } = sectionOf(zkey, 2);
  // alpha stands after the orders of both fields and three numbers; then beta in both groups.
  const beta = at + 84 + 2 * 64, delta = beta + 128 + 128 + 64;
  const other = zkey.slice();
  other.copyWithin(delta, beta, beta + 128);
  return other;
}
