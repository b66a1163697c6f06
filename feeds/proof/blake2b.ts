/**
 * BLAKE2b with a digest of 32 bytes and no key (RFC 7693), which is what Hypercore hashes with.
 * Written out because the runtimes offer only the 64-byte variant, and native code would need
 * permissions that checking a file should not ask for. 64-bit words are pairs of u32, low first.
 */

// deno-fmt-ignore
const IV = Uint32Array.of(
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
  0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
);

/** The message schedule (section 2.7); rounds 10 and 11 repeat the first two. */
const SIGMA = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
  '0123456789abcdef',
  'ea489fd61c02b753',
].map((row) => Uint8Array.from(row, (digit) => 2 * parseInt(digit, 16)));

/** Columns, then diagonals: indices of four words in the u32 array. */
const MIX = ['048c', '159d', '26ae', '37bf', '05af', '16bc', '278d', '349e'].map((row) =>
  Array.from(row, (digit) => 2 * parseInt(digit, 16))
);

const BLOCK = 128;
const v = new Uint32Array(32);
const m = new Uint32Array(32);

function add(a: number, low: number, high: number): void {
  const sum = v[a]! + low;
  v[a] = sum;
  v[a + 1] = v[a + 1]! + high + (sum >= 0x1_0000_0000 ? 1 : 0);
}

/** v[d] = (v[d] ^ v[a]) rotated right by `bits`. */
function xorRotate(d: number, a: number, bits: number): void {
  const low = v[d]! ^ v[a]!;
  const high = v[d + 1]! ^ v[a + 1]!;
  if (bits === 32) {
    v[d] = high;
    v[d + 1] = low;
  } else if (bits === 63) {
    v[d] = (low << 1) | (high >>> 31);
    v[d + 1] = (high << 1) | (low >>> 31);
  } else {
    v[d] = (low >>> bits) | (high << (32 - bits));
    v[d + 1] = (high >>> bits) | (low << (32 - bits));
  }
}

function compress(h: Uint32Array, block: DataView, counted: number, last: boolean): void {
  v.set(h);
  v.set(IV, 16);
  v[24] = v[24]! ^ (counted >>> 0);
  v[25] = v[25]! ^ Math.floor(counted / 0x1_0000_0000);
  if (last) {
    v[28] = ~v[28]!;
    v[29] = ~v[29]!;
  }
  for (let i = 0; i < 32; i++) m[i] = block.getUint32(4 * i, true);
  for (const sigma of SIGMA) {
    for (let i = 0; i < 8; i++) {
      const [a, b, c, d] = MIX[i] as [number, number, number, number];
      const x = sigma[2 * i]!;
      const y = sigma[2 * i + 1]!;
      add(a, v[b]!, v[b + 1]!);
      add(a, m[x]!, m[x + 1]!);
      xorRotate(d, a, 32);
      add(c, v[d]!, v[d + 1]!);
      xorRotate(b, c, 24);
      add(a, v[b]!, v[b + 1]!);
      add(a, m[y]!, m[y + 1]!);
      xorRotate(d, a, 16);
      add(c, v[d]!, v[d + 1]!);
      xorRotate(b, c, 63);
    }
  }
  for (let i = 0; i < 16; i++) h[i] = h[i]! ^ v[i]! ^ v[i + 16]!;
}

/** BLAKE2b-256 of the parts, joined: 32 bytes. */
export function blake2b(...parts: Uint8Array[]): Uint8Array {
  const h = IV.slice();
  h[0] = h[0]! ^ 0x0101_0000 ^ 32;
  const block = new Uint8Array(BLOCK);
  const view = new DataView(block.buffer);
  let filled = 0;
  let counted = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      // Only a block that something follows is compressed here: the last one is marked.
      if (filled === BLOCK) {
        counted += BLOCK;
        compress(h, view, counted, false);
        filled = 0;
      }
      const taken = Math.min(BLOCK - filled, part.length - at);
      block.set(part.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  block.fill(0, filled);
  compress(h, view, counted + filled, true);
  const out = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) out.setUint32(4 * i, h[i]!, true);
  return new Uint8Array(out.buffer);
}
