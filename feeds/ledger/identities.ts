import { toHex } from '../base/mod.ts';
import type { Hex, Known } from '../trust/mod.ts';
import type { Book } from './book.ts';
import { Clocks, type ClocksState } from './clocks.ts';
import type { LedgerTerms } from './types.ts';
import type { LedgerWorld } from './world.ts';

/** What the identities keep from cut to cut. Plain data. */
export interface IdentitiesState {
  /** Identity of each core. */
  owners: (readonly [core: Hex, owner: Hex])[];
  clocks: ClocksState;
}

/** Who stands in the cuts: whose logs are whose, what they begin with, what their clocks say. */
export class Identities {
  readonly owners: Map<Hex, Hex>;
  readonly #clocks: Clocks;
  readonly #book: Book;
  readonly #world: LedgerWorld;

  constructor(book: Book, world: LedgerWorld, state?: IdentitiesState) {
    this.owners = new Map(state?.owners);
    this.#clocks = new Clocks(state?.clocks);
    this.#book = book;
    this.#world = world;
  }

  /** Opens the accounts that a network begins with. */
  begin(genesis: LedgerTerms['genesis']): void {
    for (const { key, amount } of genesis) this.#grant(toHex(key), amount);
  }

  /** Looks at an entry, whatever it says; an identity is given its grant with its first one. */
  see({ owner, place, record }: Known): void {
    // A calibration is as old as its measurement.
    if ('at' in record && record.type !== 'calibration') {
      const behind = this.#clocks.take(place.core, record.at);
      if (behind !== null) {
        this.#world.refuse('backdated', place, owner, `${behind} ms before an entry before it`);
      }
    }
    if (record.type !== 'identity') return;
    this.owners.set(place.core, owner);
    const member = this.#book.member(owner);
    if (member.seen) return;
    member.seen = true;
    if (record.account !== null) member.account.secret = toHex(record.account);
    this.#book.touch(member);
    const { grant } = this.#world.rules;
    if (grant > 0) this.#grant(owner, grant);
  }

  state(): IdentitiesState {
    return { owners: [...this.owners], clocks: this.#clocks.state() };
  }

  #grant(account: Hex, amount: number): void {
    const given = this.#book.mint(this.#book.member(account), amount, 'grants');
    this.#world.emit({ type: 'grant', account, amount: given });
  }
}
