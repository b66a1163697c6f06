/**
 * HalfSipHash-2-4 with a 32-bit result over exactly eight bytes, given as two little-endian words.
 * Specification and test vectors: Aumasson and Bernstein, github.com/veorq/SipHash.
 */
export function halfSipHash(k0: number, k1: number, m0: number, m1: number): number {
  let v0 = k0, v1 = k1, v2 = 0x6c796765 ^ k0, v3 = 0x74656462 ^ k1;
  // Blocks m0, m1 and the length block (8 << 24), two rounds each, then four final rounds. One flat
  // loop because this runs K times for every token.
  for (let round = 0; round < 10; round++) {
    if (round === 0) v3 ^= m0;
    else if (round === 2) v0 ^= m0, v3 ^= m1;
    else if (round === 4) v0 ^= m1, v3 ^= 0x08000000;
    else if (round === 6) v0 ^= 0x08000000, v2 ^= 0xff;
    v0 = (v0 + v1) | 0;
    v1 = (v1 << 5) | (v1 >>> 27);
    v1 ^= v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = (v3 << 8) | (v3 >>> 24);
    v3 ^= v2;
    v0 = (v0 + v3) | 0;
    v3 = (v3 << 7) | (v3 >>> 25);
    v3 ^= v0;
    v2 = (v2 + v1) | 0;
    v1 = (v1 << 13) | (v1 >>> 19);
    v1 ^= v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return (v1 ^ v3) >>> 0;
}
