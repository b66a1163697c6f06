import { CHUNK, productChunk, rightFactor } from './cpu_kernel.ts';
import { factorKeys } from './field.ts';
import { rowHash } from './merkle.ts';
import { Product } from './product.ts';
import type { RawChallenge } from './types.ts';

/** Memory that the threads of one product share. */
export interface Shared {
  /** The next chunk that nobody has taken. */
  next: Int32Array;
  cells: Uint16Array;
  /** 32 bytes a row. */
  leaves: Uint8Array;
}

export function sharedFor({ shape: { rows, cols } }: RawChallenge): Shared {
  return {
    next: new Int32Array(new SharedArrayBuffer(4)),
    cells: new Uint16Array(new SharedArrayBuffer(2 * rows * cols)),
    leaves: new Uint8Array(new SharedArrayBuffer(32 * rows)),
  };
}

/** Takes chunks until none is left: what each thread does. */
export function* takeChunks(challenge: RawChallenge, shared: Shared): Generator<void> {
  const { nonce, shape } = challenge;
  const { a, b } = factorKeys(challenge);
  const right = rightFactor(b, shape);
  const left = new Float64Array(CHUNK * shape.inner);
  const cells = new Uint16Array(CHUNK * shape.cols);
  for (;;) {
    const from = CHUNK * Atomics.add(shared.next, 0, 1);
    if (from >= shape.rows) return;
    productChunk(a, right, shape, from, left, cells);
    shared.cells.set(cells, from * shape.cols);
    for (let i = 0; i < CHUNK; i++) {
      const row = cells.subarray(i * shape.cols, (i + 1) * shape.cols);
      shared.leaves.set(rowHash(nonce, from + i, row), 32 * (from + i));
    }
    yield;
  }
}

/** The product of what all threads have written. */
export function productOf(challenge: RawChallenge, { cells, leaves }: Shared): Product {
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < challenge.shape.rows; i++) hashes.push(leaves.slice(32 * i, 32 * i + 32));
  return new Product(challenge, cells, hashes);
}

/** The whole product in this thread. */
export function multiplyHere(challenge: RawChallenge): Product {
  const shared = sharedFor(challenge);
  for (const _ of takeChunks(challenge, shared));
  return productOf(challenge, shared);
}
