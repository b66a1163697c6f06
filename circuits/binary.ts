/**
 * Whether one of iden3's binary files (powers of tau, proving key) is over BN254: snarkjs waits forever
 * for the threads of any other curve.
 * @param section number of the section that starts with the order of the curve's field
 */
export function isOver(order: bigint, bytes: Uint8Array, type: 'ptau' | 'zkey', section: number) {
  if (new TextDecoder().decode(bytes.subarray(0, 4)) !== type) return false;
  const at = sectionAt(bytes, section);
  if (at === null || at + 36 > bytes.length) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(at, true) !== 32) return false;
  let found = 0n;
  for (let i = 31; i >= 0; i--) found = found << 8n | BigInt(bytes[at + 4 + i]!);
  return found === order;
}

/** Where a section's content starts; null where there is none. */
export function sectionAt(bytes: Uint8Array, section: number): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 12;
  while (at + 12 <= bytes.length) {
    if (view.getUint32(at, true) === section) return at + 12;
    at += 12 + Number(view.getBigUint64(at + 4, true));
  }
  return null;
}
