import type { Seat } from '../../feeds/records/mod.ts';

/** Epochs that are remembered: a witness asks for the one two back. */
const MOST = 16;

/** What the ledger wants the witnesses to be, cut by cut: the fold says it, the witness asks. */
export class Seating {
  readonly #wanted = new Map<number, readonly Seat[]>();

  /** The ledger after the cut of an epoch. @param seats null: it wants no change */
  folded(epoch: number, seats: readonly Seat[] | null): void {
    if (seats === null) this.#wanted.delete(epoch);
    else this.#wanted.set(epoch, seats);
    for (const known of this.#wanted.keys()) if (known <= epoch - MOST) this.#wanted.delete(known);
  }

  /** Null where no change is wanted, or that cut is not folded here. */
  after(epoch: number): readonly Seat[] | null {
    return this.#wanted.get(epoch) ?? null;
  }
}
