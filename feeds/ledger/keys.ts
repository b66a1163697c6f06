/**
 * Hashes and keys as strings of 32 Latin-1 characters: they can be compared, used in a Map (whose
 * hashing an adversary cannot steer) and weigh half of their hexadecimal form.
 */
export type Key = string;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as a {@link Key}. */
export function keyOf(bytes: Uint8Array): Key {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Lower-case hexadecimal of a {@link Key}. */
export function hexOf(key: Key): string {
  let hex = '';
  for (let i = 0; i < key.length; i++) hex += HEX[key.charCodeAt(i)];
  return hex;
}

/** Bytes of a {@link Key}. */
export function bytesOf(key: Key): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/** Order of keys as of their bytes. */
export function compareKeys(a: Key, b: Key): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
