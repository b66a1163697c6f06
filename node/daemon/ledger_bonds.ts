import type { LedgerEvent, MicroNcu } from '../../feeds/ledger/mod.ts';

/** Money that is to move into a bond, or out of it. */
type BondKind = 'bond' | 'unbond';

interface Ahead {
  type: BondKind;
  amount: MicroNcu;
  /** Of its entry in the artifacts log; null while that is being written. */
  index: number | null;
}

/** Bonds that this node has logged and no cut covers yet: the ledger does not know of them, the node does. */
export class BondsAhead {
  readonly #me: string;
  readonly #ahead = new Set<Ahead>();
  /** Newest of the own entries that cuts have covered. */
  #covered = -1;

  /** @param me key of this node, hexadecimal */
  constructor(me: string) {
    this.#me = me;
  }

  /** All of one kind. */
  of(type: BondKind): MicroNcu {
    let sum = 0;
    for (const one of this.#ahead) if (one.type === type) sum += one.amount;
    return sum;
  }

  /**
   * Sets an amount aside before its entry is written, so that no other one is written meanwhile.
   * @param log writes it. @returns what that does
   */
  async add<T extends { index: number }>(
    type: BondKind,
    amount: MicroNcu,
    log: () => Promise<T>,
  ): Promise<T> {
    const one: Ahead = { type, amount, index: null };
    this.#ahead.add(one);
    try {
      const logged = await log();
      one.index = logged.index;
      if (one.index <= this.#covered) this.#ahead.delete(one);
      return logged;
    } catch (thrown) {
      this.#ahead.delete(one);
      throw thrown;
    }
  }

  /** A cut came: of an entry that it took or refused nothing is ahead, nor of those before that one. */
  took(events: readonly LedgerEvent[]): void {
    for (const event of events) {
      this.#covered = Math.max(this.#covered, indexOf(event, this.#me) ?? -1);
    }
    for (const one of this.#ahead) {
      if (one.index !== null && one.index <= this.#covered) this.#ahead.delete(one);
    }
  }
}

/** Index of the entry of a bond that an event is about; null where it is about something else. */
function indexOf(event: LedgerEvent, me: string): number | null {
  if (event.type === 'bond' || event.type === 'unbond') {
    return event.account === me ? event.index : null;
  }
  if (event.type !== 'finding' || event.finding.author !== me) return null;
  const { code, place } = event.finding;
  return code.startsWith('bond-') || code.startsWith('unbond-') ? place.index : null;
}
