/** Bits of an id, and of a relative logit's distance from 0, plus 1 so that none is empty. */
const ID_BITS = 24n;
const Z_BITS = 17n;
/** Candidates in one field element: 246 of its 253 bits. */
const PER_WORD = 6;

/**
 * Candidates as field elements: six in a word of 41 bits each (id, then 1 - z), the first one lowest.
 * @param ids below 2^24
 * @param z -32768 .. 0; left out, the bits of the logits are empty
 * @returns null where an id or a logit is out of its range, or there are not as many of both
 */
export function candidateWords(
  ids: readonly number[],
  z?: readonly number[],
): bigint[] | null {
  if (z !== undefined && ids.length !== z.length) return null;
  const words: bigint[] = [];
  for (let at = 0; at < ids.length; at += PER_WORD) {
    let word = 0n;
    for (let i = Math.min(at + PER_WORD, ids.length) - 1; i >= at; i--) {
      const id = ids[i]!, below = z === undefined ? 0 : 1 - z[i]!;
      if (!Number.isInteger(id) || id < 0 || id >= 2 ** Number(ID_BITS)) return null;
      if (z !== undefined && !(Number.isInteger(below) && below >= 1 && below <= 32_769)) {
        return null;
      }
      word = (word << (ID_BITS + Z_BITS)) | (BigInt(below) << ID_BITS) | BigInt(id);
    }
    words.push(word);
  }
  return words;
}
