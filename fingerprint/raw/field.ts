import { taggedHash } from '../../feeds/base/mod.ts';
import type { RawChallenge, Shape } from './types.ts';

/**
 * The largest prime below 2^16. Products of two residues fit a u32; their 16-bit halves, summed
 * apart, stay exact over twice {@link MAX_INNER} terms on every GPU, and whole sums do so in a double.
 */
export const PRIME = 65521;
/** Every size is a multiple of this: the tile of the GPU kernel. */
export const SHAPE_STEP = 64;
export const MAX_INNER = 32_768;

/** Two u32 words of a factor's key. */
export type FactorKey = readonly [number, number];

/** Keys of both factors of a challenge. The shape is bound too: no product contains another. */
export function factorKeys({ nonce, shape }: Pick<RawChallenge, 'nonce' | 'shape'>): {
  a: FactorKey;
  b: FactorKey;
} {
  const sizes = new Uint8Array(new Uint32Array([shape.rows, shape.inner, shape.cols]).buffer);
  const hash = taggedHash('nexus/raw-factors/1', nonce, sizes);
  const view = new DataView(hash.buffer, hash.byteOffset);
  const word = (i: number) => view.getUint32(4 * i, true);
  return { a: [word(0), word(1)], b: [word(2), word(3)] };
}

/**
 * Residues `4 * quad` to `4 * quad + 3` of one row of a factor, into `out` at `at`. The generator is
 * pcg4d (Jarzynski and Olano, Hash Functions for GPU Rendering, JCGT 2020): u32 only, so that the
 * kernel's is the same.
 */
export function residues(
  key: FactorKey,
  row: number,
  quad: number,
  out: { [index: number]: number },
  at: number,
  stride = 1,
): void {
  let x = (Math.imul(row, 1664525) + 1013904223) | 0;
  let y = (Math.imul(quad, 1664525) + 1013904223) | 0;
  let z = (Math.imul(key[0], 1664525) + 1013904223) | 0;
  let w = (Math.imul(key[1], 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  out[at] = (x >>> 0) % PRIME;
  out[at + stride] = (y >>> 0) % PRIME;
  out[at + 2 * stride] = (z >>> 0) % PRIME;
  out[at + 3 * stride] = (w >>> 0) % PRIME;
}

/** One row of a factor of so many columns. */
export function factorRow(
  key: FactorKey,
  row: number,
  columns: number,
  out: Float64Array,
  at = 0,
): void {
  for (let quad = 0; 4 * quad < columns; quad++) residues(key, row, quad, out, at + 4 * quad);
}

/** Multiply-and-adds of a product. */
export function workOf({ rows, inner, cols }: Shape): number {
  return rows * inner * cols;
}
