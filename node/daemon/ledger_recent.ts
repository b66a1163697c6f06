import type { LedgerEvent } from '../../feeds/ledger/mod.ts';

/** Epochs and events that are remembered. */
const MAX_EPOCHS = 256;
const MAX_EVENTS = 8192;

/** What the ledger's last cuts led to: it tells each once, and keeps none. Bounded. */
export class RecentEvents {
  #epochs: { epoch: number; events: readonly LedgerEvent[] }[] = [];
  #count = 0;

  take(epoch: number, events: readonly LedgerEvent[]): void {
    this.#epochs.push({ epoch, events });
    this.#count += events.length;
    while (
      this.#epochs.length > 1 &&
      (this.#epochs.length > MAX_EPOCHS || this.#count > MAX_EVENTS)
    ) {
      this.#count -= this.#epochs.shift()!.events.length;
    }
  }

  /** Null for an epoch that is not remembered. @param account of which alone, hexadecimal */
  of(epoch: number, account: string | null): LedgerEvent[] | null {
    const found = this.#epochs.find((one) => one.epoch === epoch);
    if (found === undefined) return null;
    return found.events.filter((event) => account === null || concerns(event, account));
  }
}

/** True where an event is about an account. */
export function concerns(event: LedgerEvent, account: string): boolean {
  switch (event.type) {
    case 'payment': {
      const { requester, executor } = event.payment;
      return requester === account || executor === account;
    }
    case 'slash': {
      const { offender, refunds, finders } = event.slash;
      return offender === account || refunds.some(({ client }) => client === account) ||
        finders.some(({ auditor }) => auditor === account);
    }
    case 'finding':
      return event.finding.author === account;
    default:
      return 'account' in event && event.account === account;
  }
}
