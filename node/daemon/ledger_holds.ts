import { toHex } from '../../feeds/base/mod.ts';
import type { LedgerEvent, MicroNcu } from '../../feeds/ledger/mod.ts';

/** Attempts that are set aside, at most: the oldest go first. */
const MOST = 16_384;

interface Hold {
  payer: string;
  amount: MicroNcu;
  /** Epoch of the newest cut when it was made; -1 before the first. */
  epoch: number;
}

interface Held extends Hold {
  /** The work was done: what it came to is known. */
  done: boolean;
  /** No cut covered it in time. */
  late: boolean;
}

/** What attempts may cost that no cut covers yet: the ledger does not know of them, who pays does. */
export class Holds {
  readonly #holds = new Map<string, Held>();
  readonly #sums = new Map<string, number>();
  readonly #late = new Map<string, number>();

  /** All that is held of one payer. @param payer hexadecimal */
  of(payer: string): MicroNcu {
    return this.#sums.get(payer) ?? 0;
  }

  /** How many of a payer's jobs were done, and stand in no cut though they should by now. */
  late(payer: string): number {
    return this.#late.get(payer) ?? 0;
  }

  has(job: Uint8Array, attempt: number): boolean {
    return this.#holds.has(nameOf(toHex(job), attempt));
  }

  add(payer: string, job: Uint8Array, attempt: number, hold: Omit<Hold, 'payer'>): void {
    const name = nameOf(toHex(job), attempt);
    this.#drop(name);
    this.#holds.set(name, { payer, ...hold, done: false, late: false });
    this.#sum(payer, hold.amount);
    if (this.#holds.size > MOST) this.#drop(this.#holds.keys().next().value!);
  }

  /** No more than this is needed. */
  shrink(job: Uint8Array, attempt: number, amount: MicroNcu): void {
    const name = nameOf(toHex(job), attempt), hold = this.#holds.get(name);
    if (hold === undefined) return;
    if (amount <= 0) return this.#drop(name);
    hold.done = true;
    if (amount >= hold.amount) return;
    this.#sum(hold.payer, amount - hold.amount);
    hold.amount = amount;
  }

  /**
   * A cut came: what it covers stands in the ledger, and an offer that no cut covered for long was not
   * kept up. What was done and is in none is still owed.
   */
  took(events: readonly LedgerEvent[], epoch: number, patience: number): void {
    for (const event of events) {
      if (event.type === 'escrow' || event.type === 'returned') {
        this.#drop(nameOf(event.job, event.attempt));
      } else if (event.type === 'payment') {
        this.#drop(nameOf(event.payment.job, event.payment.attempt));
      }
    }
    for (const [name, hold] of this.#holds) {
      if (hold.late || hold.epoch + patience >= epoch) continue;
      if (!hold.done) this.#drop(name);
      else {
        hold.late = true;
        this.#count(hold.payer, 1);
      }
    }
  }

  #drop(name: string): void {
    const hold = this.#holds.get(name);
    if (hold === undefined) return;
    this.#holds.delete(name);
    this.#sum(hold.payer, -hold.amount);
    if (hold.late) this.#count(hold.payer, -1);
  }

  #count(payer: string, change: number): void {
    const count = this.late(payer) + change;
    if (count > 0) this.#late.set(payer, count);
    else this.#late.delete(payer);
  }

  #sum(payer: string, change: number): void {
    const sum = this.of(payer) + change;
    if (sum > 0) this.#sums.set(payer, sum);
    else this.#sums.delete(payer);
  }
}

function nameOf(job: string, attempt: number): string {
  return `${job}:${attempt}`;
}
