import type { MicroNcu } from '../../feeds/ledger/mod.ts';

/** It is low where it lasts for no more than so many epochs of spending as of late. */
const EPOCHS = 10;
/** Epochs over which spending is averaged. */
const SMOOTH = 8;

/** Notices when an account that spends is running out of money; tells it once, until it recovers. */
export class LowBalance {
  #pace = 0;
  #told = false;

  /** An epoch's figures. @returns epochs for which it lasts, where that is to be told; else null */
  take(spendable: MicroNcu, spent: MicroNcu): number | null {
    this.#pace += (spent - this.#pace) / SMOOTH;
    const lasts = this.#pace < 1 ? Infinity : spendable / this.#pace;
    if (lasts > 2 * EPOCHS) this.#told = false;
    if (this.#told || lasts > EPOCHS) return null;
    this.#told = true;
    return Math.floor(lasts);
  }
}
