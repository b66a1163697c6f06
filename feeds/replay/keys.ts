/**
 * Hashes and keys as strings of 32 Latin-1 characters: they can be compared, used in a Map (whose
 * hashing an adversary cannot steer) and weigh half of their hexadecimal form.
 */
export type Key = string;

/** Bytes as a {@link Key}. */
export function keyOf(b: Uint8Array): Key {
  if (b.length !== 32) return String.fromCharCode.apply(null, b as unknown as number[]);
  // A replay does this six times an entry: written out it takes a third of the time.
  // deno-fmt-ignore
  return String.fromCharCode(
    b[0]!, b[1]!, b[2]!, b[3]!, b[4]!, b[5]!, b[6]!, b[7]!,
    b[8]!, b[9]!, b[10]!, b[11]!, b[12]!, b[13]!, b[14]!, b[15]!,
    b[16]!, b[17]!, b[18]!, b[19]!, b[20]!, b[21]!, b[22]!, b[23]!,
    b[24]!, b[25]!, b[26]!, b[27]!, b[28]!, b[29]!, b[30]!, b[31]!,
  );
}

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Lower-case hexadecimal of a {@link Key}. */
export function hexOf(key: Key): string {
  const codes = new Array<number>(2 * key.length);
  for (let i = 0; i < key.length; i++) {
    const byte = key.charCodeAt(i);
    codes[2 * i] = DIGITS[byte >> 4]!;
    codes[2 * i + 1] = DIGITS[byte & 15]!;
  }
  // In one piece: a text that grows digit by digit is a tree of texts until somebody reads it.
  return String.fromCharCode.apply(null, codes);
}

/** {@link hexOf} for keys that repeat: each is written once. */
export function hexOnce(): (key: Key) => string {
  const known = new Map<Key, string>();
  return (key) => {
    let hex = known.get(key);
    if (hex === undefined) known.set(key, hex = hexOf(key));
    return hex;
  };
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
