import { type FactorKey, factorRow, PRIME } from './field.ts';
import type { Shape } from './types.ts';

/** Rows that are computed at a time. */
export const CHUNK = 64;

/** The right factor, transposed: `cols` runs of `inner` residues. */
export function rightFactor(key: FactorKey, { inner, cols }: Shape): Float64Array {
  const line = new Float64Array(cols), transposed = new Float64Array(inner * cols);
  for (let k = 0; k < inner; k++) {
    factorRow(key, k, cols, line);
    for (let j = 0; j < cols; j++) transposed[j * inner + k] = line[j]!;
  }
  return transposed;
}

/**
 * {@link CHUNK} rows of the product from row `from`, into `cells` (row-major, `cols` a row). Sums
 * of at most 2^16 products below 2^32 are exact in doubles.
 */
export function productChunk(
  key: FactorKey,
  right: Float64Array,
  { inner, cols }: Shape,
  from: number,
  left: Float64Array,
  cells: Uint16Array,
): void {
  for (let i = 0; i < CHUNK; i++) factorRow(key, from + i, inner, left, i * inner);
  for (let j = 0; j < cols; j += 4) {
    const b0 = j * inner, b1 = b0 + inner, b2 = b1 + inner, b3 = b2 + inner;
    for (let i = 0; i < CHUNK; i += 2) {
      const a0 = i * inner, a1 = a0 + inner;
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
      for (let k = 0; k < inner; k++) {
        const x = left[a0 + k]!, y = left[a1 + k]!;
        const p = right[b0 + k]!, q = right[b1 + k]!, r = right[b2 + k]!, s = right[b3 + k]!;
        c00 += x * p;
        c01 += x * q;
        c02 += x * r;
        c03 += x * s;
        c10 += y * p;
        c11 += y * q;
        c12 += y * r;
        c13 += y * s;
      }
      const at = i * cols + j, below = at + cols;
      cells[at] = residue(c00);
      cells[at + 1] = residue(c01);
      cells[at + 2] = residue(c02);
      cells[at + 3] = residue(c03);
      cells[below] = residue(c10);
      cells[below + 1] = residue(c11);
      cells[below + 2] = residue(c12);
      cells[below + 3] = residue(c13);
    }
  }
}

/** `x` modulo the prime for whole `x` below 2^48; the quotient is off by less than 1 / prime. */
function residue(x: number): number {
  return x - Math.floor(x / PRIME) * PRIME;
}
