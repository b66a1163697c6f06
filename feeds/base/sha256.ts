/**
 * SHA-256 (FIPS 180-4) of short messages. A call of the runtime costs some 6 us in Deno whatever the
 * length, and a replay makes several an entry: for up to four blocks this is faster. Longer messages
 * belong to the runtime's own.
 */

const FRACTION = 0x1_0000_0000;
const K = new Int32Array(64);
const INITIAL = new Int32Array(8);

// The constants are the fractions of square and cube roots of the first primes.
for (let n = 0, candidate = 2; n < 64; candidate++) {
  let prime = true;
  for (let i = 2; i * i <= candidate; i++) if (candidate % i === 0) prime = false;
  if (!prime) continue;
  if (n < 8) INITIAL[n] = (Math.sqrt(candidate) % 1) * FRACTION;
  K[n++] = (Math.cbrt(candidate) % 1) * FRACTION;
}

const w = new Int32Array(64);
const state = new Int32Array(8);

function compress(bytes: Uint8Array, from: number): void {
  for (let i = 0, at = from; i < 16; i++, at += 4) {
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = w[i - 16]! + w[i - 7]! + s0 + s1;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

/**
 * SHA-256 of the first `length` bytes of `buffer`, which is padded in place: 32 bytes.
 * @param buffer holds at least `length` + 72 bytes
 */
export function sha256InPlace(buffer: Uint8Array, length: number): Uint8Array {
  const end = Math.ceil((length + 9) / 64) * 64;
  buffer[length] = 0x80;
  for (let i = length + 1; i < end; i++) buffer[i] = 0;
  for (let i = 1, bits = length * 8; bits > 0; i++, bits = Math.floor(bits / 256)) {
    buffer[end - i] = bits;
  }
  for (let i = 0; i < 8; i++) state[i] = INITIAL[i]!;
  for (let from = 0; from < end; from += 64) compress(buffer, from);
  const out = new Uint8Array(32);
  for (let i = 0; i < 32; i++) out[i] = state[i >> 2]! >>> (24 - 8 * (i & 3));
  return out;
}
