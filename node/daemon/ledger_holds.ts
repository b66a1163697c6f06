import { toHex } from '../../feeds/base/mod.ts';
import type { LedgerEvent, MicroNcu } from '../../feeds/ledger/mod.ts';

/** Attempts that are set aside or remembered, at most: the oldest go first. */
const MOST = 16_384;

interface Hold {
  payer: string;
  amount: MicroNcu;
  /** Epoch of the newest cut when it was made; -1 before the first. */
  epoch: number;
  /** Hash of the offer; null: an own one, beside which nobody can log another. */
  offer: string | null;
}

interface Held extends Hold {
  /** The work was done: what it came to is known. */
  done: boolean;
  /** No cut covered it in time, or one covered another offer of its attempt. */
  late: boolean;
}

/** What attempts may cost that no cut covers yet: the ledger does not know of them, who pays does. */
export class Holds {
  readonly #holds = new Map<string, Held>();
  readonly #sums = new Map<string, number>();
  readonly #late = new Map<string, number>();
  /** Offers that the newest cuts cover, by attempt. */
  readonly #covered = new Map<string, string>();

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

  /** Whether another offer of that attempt is known: of two the ledger pays one. */
  taken(job: Uint8Array, attempt: number, offer: string | null): boolean {
    if (offer === null) return false;
    const name = nameOf(toHex(job), attempt);
    const known = this.#covered.get(name) ?? this.#holds.get(name)?.offer ?? offer;
    return known !== offer;
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
   * kept up. What was done and is in none is still owed; so is what another offer took the place of.
   */
  took(events: readonly LedgerEvent[], epoch: number, patience: number): void {
    for (const event of events) {
      if (event.type === 'escrow') this.#cover(nameOf(event.job, event.attempt), event.offer);
      else if (event.type === 'returned') this.#end(nameOf(event.job, event.attempt));
      else if (event.type === 'payment') {
        this.#end(nameOf(event.payment.job, event.payment.attempt));
      }
    }
    for (const [name, hold] of this.#holds) {
      if (hold.late || hold.epoch + patience >= epoch) continue;
      if (!hold.done) this.#drop(name);
      else this.#delay(hold);
    }
  }

  #cover(name: string, offer: string): void {
    this.#covered.delete(name);
    this.#covered.set(name, offer);
    if (this.#covered.size > MOST) this.#covered.delete(this.#covered.keys().next().value!);
    const hold = this.#holds.get(name);
    if (hold === undefined) return;
    if (hold.offer === null || hold.offer === offer) this.#drop(name);
    else this.#delay(hold);
  }

  /** An attempt is over: whose the event is tells only the offer that a cut covered. */
  #end(name: string): void {
    const hold = this.#holds.get(name);
    if (hold === undefined) return;
    if (hold.offer === null || hold.offer === this.#covered.get(name)) this.#drop(name);
  }

  #delay(hold: Held): void {
    if (hold.late) return;
    hold.late = true;
    this.#count(hold.payer, 1);
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
