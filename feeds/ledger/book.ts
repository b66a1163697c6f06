import type { Hex } from '../trust/mod.ts';
import { AccountTree } from './account_tree.ts';
import { type Member, newMember } from './member.ts';
import type { Account, MicroNcu, Totals } from './types.ts';

/** Where an account's money lies. */
export type Pocket = 'available' | 'escrow' | 'pending' | 'bonded';

/** Grants and emission over all time, and credit: together below 2^53, where whole numbers end. */
const MOST_SUPPLY = 2 ** 52;
const MOST_OWED = 2 ** 51;

/**
 * All accounts, and the only place where money moves. Each way of moving it keeps
 * `available + pending + escrow + bonded - owed + burned = grants + emission`.
 */
export class Book {
  readonly totals: Totals;
  readonly #members = new Map<Hex, Member>();
  readonly #tree = new AccountTree();
  readonly #changed = new Set<Member>();

  constructor(totals: Totals = noTotals(), members: readonly Member[] = []) {
    this.totals = totals;
    for (const member of members) {
      this.#members.set(member.account.key, member);
      this.#changed.add(member);
    }
  }

  get size(): number {
    return this.#members.size;
  }

  get(key: Hex): Member | undefined {
    return this.#members.get(key);
  }

  /** An account, opened if need be. */
  member(key: Hex): Member {
    let member = this.#members.get(key);
    if (member === undefined) {
      this.#members.set(key, member = newMember(key));
      this.#changed.add(member);
    }
    return member;
  }

  /** In the order of their keys. */
  members(): Member[] {
    return [...this.#members.values()].sort((a, b) => a.account.key < b.account.key ? -1 : 1);
  }

  /** Says that something of an account other than its money has changed. */
  touch(member: Member): void {
    this.#changed.add(member);
  }

  /** The accounts as a tree, up to date. */
  tree(): AccountTree {
    for (const { account } of this.#changed) this.#tree.put(account);
    this.#changed.clear();
    return this.#tree;
  }

  /** Accounts that have changed since {@link tree} was last asked for. */
  get changed(): Account[] {
    return [...this.#changed].map(({ account }) => ({ ...account }));
  }

  /** New money; less than asked where the supply would pass its bound. @returns how much */
  mint(to: Member, amount: MicroNcu, as: 'grants' | 'emission'): MicroNcu {
    const room = MOST_SUPPLY - this.totals.grants - this.totals.emission;
    const given = Math.min(whole(amount), room);
    this.totals[as] += given;
    this.#put(to, 'available', given);
    return given;
  }

  move(from: Member, pocket: Pocket, to: Member, into: Pocket, amount: MicroNcu): void {
    this.#take(from, pocket, amount);
    this.#put(to, into, amount);
  }

  burn(from: Member, pocket: Pocket, amount: MicroNcu): void {
    this.#take(from, pocket, amount);
    this.totals.burned += amount;
  }

  /** Credit, straight into escrow. @returns false where all credit together would pass its bound */
  lend(to: Member, amount: MicroNcu): boolean {
    if (this.totals.owed + whole(amount) > MOST_OWED) return false;
    to.account.owed += amount;
    this.totals.owed += amount;
    this.#put(to, 'escrow', amount);
    return true;
  }

  #take(from: Member, pocket: Pocket, amount: MicroNcu): void {
    const { account } = from;
    if (whole(amount) > account[pocket]) {
      throw new Error(`${amount} were to leave ${account[pocket]} ${pocket}`);
    }
    account[pocket] -= amount;
    this.totals[pocket] -= amount;
    this.#changed.add(from);
  }

  #put(to: Member, pocket: Pocket, amount: MicroNcu): void {
    const { account } = to;
    account[pocket] += amount;
    this.totals[pocket] += amount;
    this.#changed.add(to);
    if (pocket !== 'available' || account.owed === 0) return;
    // What comes in repays credit first.
    const back = Math.min(account.owed, account.available);
    account.available -= back;
    account.owed -= back;
    this.totals.available -= back;
    this.totals.owed -= back;
  }
}

function whole(amount: MicroNcu): MicroNcu {
  if (Number.isSafeInteger(amount) && amount >= 0) return amount;
  throw new Error(`${amount} is no amount`);
}

function noTotals(): Totals {
  return {
    available: 0,
    pending: 0,
    escrow: 0,
    bonded: 0,
    owed: 0,
    burned: 0,
    grants: 0,
    emission: 0,
  };
}
