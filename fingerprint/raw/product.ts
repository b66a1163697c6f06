import { type RawChallenge, type RawOpening } from './types.ts';
import { RowTree } from './merkle.ts';

/** A computed product: what the executor keeps until rows were opened. */
export class Product {
  readonly #challenge: RawChallenge;
  readonly #cells: Uint16Array;
  readonly #tree: RowTree;

  /**
   * @param cells row by row
   * @param leaves one hash a row
   */
  constructor(challenge: RawChallenge, cells: Uint16Array, leaves: readonly Uint8Array[]) {
    this.#challenge = challenge;
    this.#cells = cells;
    this.#tree = new RowTree(leaves);
  }

  get root(): Uint8Array {
    return this.#tree.root;
  }

  open(positions: readonly number[]): RawOpening {
    const { cols } = this.#challenge.shape;
    return {
      rows: positions.map((index) => ({
        index,
        cells: this.#cells.slice(index * cols, (index + 1) * cols),
        path: this.#tree.path(index),
      })),
    };
  }
}
