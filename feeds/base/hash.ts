import { createHash } from 'node:crypto';

/** Bytes of every hash in Nexus. */
export const HASH_BYTES = 32;

/** SHA-256 of `data`: 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(data).digest());
}

/**
 * SHA-256 with domain separation: every part, the tag first, is preceded by its length as u32be, so
 * that no two different lists of parts hash the same bytes.
 */
export function taggedHash(tag: string, ...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  const length = new DataView(new ArrayBuffer(4));
  for (const part of [new TextEncoder().encode(tag), ...parts]) {
    length.setUint32(0, part.length);
    hash.update(new Uint8Array(length.buffer)).update(part);
  }
  return new Uint8Array(hash.digest());
}
