import type { BondRecord, UnbondRecord } from '../records/mod.ts';
import type { Known } from '../trust/mod.ts';
import type { Book } from './book.ts';
import type { Member } from './member.ts';
import type { Account, MicroNcu } from './types.ts';
import type { LedgerWorld } from './world.ts';

/** Parts of one bond that may be on their way out at a time. */
const MOST_PARTS = 64;

/** Bonds: what their owners put at stake, and ask back. */
export class Bonds {
  readonly #book: Book;
  readonly #world: LedgerWorld;
  /** Who has something on its way out. */
  readonly #leaving = new Set<Member>();

  constructor(book: Book, world: LedgerWorld) {
    this.#book = book;
    this.#world = world;
    for (const member of book.members()) {
      if (member.account.unbonding.length > 0) this.#leaving.add(member);
    }
  }

  bond({ owner, place, record: { amount } }: Known<BondRecord>): void {
    const book = this.#book, world = this.#world, member = book.member(owner);
    const { available, status } = member.account;
    if (status === 'banned') return world.refuse('bond-amount', place, owner, 'it is banned');
    if (amount > available) {
      return world.refuse('bond-amount', place, owner, `${amount} of ${available}`);
    }
    book.move(member, 'available', member, 'bonded', amount);
    world.emit({ type: 'bond', account: owner, amount, index: place.index });
  }

  unbond({ owner, place, record: { amount } }: Known<UnbondRecord>): void {
    const world = this.#world, member = this.#book.member(owner);
    const { account, panels, suspectAt } = member;
    const refuse = (code: 'unbond-amount' | 'unbond-challenged', detail: string) =>
      world.refuse(code, place, owner, detail);
    const free = ownStakeOf(account);
    if (amount > free) return refuse('unbond-amount', `${amount} of ${free}`);
    if (account.unbonding.length >= MOST_PARTS) {
      return refuse('unbond-amount', `${MOST_PARTS} parts are on their way`);
    }
    const isSuspect = suspectAt >= 0 && world.cut - suspectAt <= world.challengeCuts;
    if (panels.length > 0 || isSuspect) {
      return refuse('unbond-challenged', 'a panel looks, or has just found something');
    }
    const cut = world.cut + world.rules.unbondCuts;
    account.unbonding = [...account.unbonding, { amount, cut }];
    this.#book.touch(member);
    this.#leaving.add(member);
    world.emit({ type: 'unbond', account: owner, amount, index: place.index });
  }

  /** What is free after this cut. */
  release(): void {
    const world = this.#world, book = this.#book;
    const leaving = [...this.#leaving].sort((a, b) => a.account.key < b.account.key ? -1 : 1);
    for (const member of leaving) {
      const { account } = member;
      // An accusation that is open keeps the bond where it is.
      if (member.panels.length === 0) {
        const out = account.unbonding.filter(({ cut }) => cut <= world.cut);
        if (out.length > 0) {
          account.unbonding = account.unbonding.filter(({ cut }) => cut > world.cut);
          const asked = out.reduce((sum, part) => sum + part.amount, 0);
          const amount = Math.min(asked, account.bonded);
          book.move(member, 'bonded', member, 'available', amount);
          world.emit({ type: 'unbonded', account: account.key, amount });
        }
      }
      if (account.unbonding.length === 0) this.#leaving.delete(member);
    }
  }
}

/** What of a bond is not on its way out: no more of it can secure anything that is new. */
export function stakeOf({ bonded, unbonding }: Pick<Account, 'bonded' | 'unbonding'>): MicroNcu {
  return unbonding.reduce((left, { amount }) => left - amount, bonded);
}

/** What of it is not lent either: a slash takes nothing else from its owner. */
export function ownStakeOf(
  account: Pick<Account, 'bonded' | 'unbonding' | 'owed'>,
): MicroNcu {
  return Math.max(0, stakeOf(account) - account.owed);
}

/** To be called wherever a bond shrinks: no more can be on its way out than there is. */
export function trim({ account }: Member): void {
  let left = account.bonded;
  account.unbonding = account.unbonding.flatMap(({ amount, cut }) => {
    const kept = Math.min(amount, left);
    left -= kept;
    return kept === 0 ? [] : [{ amount: kept, cut }];
  });
}
