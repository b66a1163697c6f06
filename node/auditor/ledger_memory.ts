import type { LedgerEvent, MicroNcu, Payment, Price } from '../../feeds/ledger/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';

/** Epochs that are remembered, and payments of this node. */
const MAX_EPOCHS = 64;
const MAX_PAYMENTS = 64;

/** What one account earned and spent in an epoch. */
export interface Earning {
  epoch: number;
  /** Payments for work, without the fee. */
  paid: MicroNcu;
  /** Rewards less fines. */
  rewards: MicroNcu;
  /** Payments for its jobs, less what a slash gave back. */
  spent: MicroNcu;
}

/** As plain data, for snapshots. */
export interface LedgerMemoryState {
  earnings: Earning[];
  payments: Payment[];
  prices: [profile: Hex, history: { epoch: number; output: MicroNcu }[]][];
}

/**
 * What the ledger tells cut by cut and does not keep: an account's earnings, its newest payments, how
 * prices went. Bounded.
 */
export class LedgerMemory {
  readonly #me: Hex;
  #earnings: Earning[];
  #payments: Payment[];
  readonly #prices: Map<Hex, { epoch: number; output: MicroNcu }[]>;

  /** @param profiles those with a price */
  constructor(me: Hex, profiles: readonly Hex[], state: LedgerMemoryState | null = null) {
    this.#me = me;
    this.#earnings = state?.earnings ?? [];
    this.#payments = state?.payments ?? [];
    const known = new Map(state?.prices);
    this.#prices = new Map(profiles.map((profile) => [profile, known.get(profile) ?? []]));
  }

  /** What a cut brought. @param ledger as it is after it */
  take(
    events: readonly LedgerEvent[],
    ledger: { epoch: number | null; priceOf(profile: Hex): Price | null },
  ): void {
    const { epoch } = ledger;
    if (epoch === null) return;
    const earning: Earning = { epoch, paid: 0, rewards: 0, spent: 0 };
    for (const event of events) this.#event(event, earning);
    this.#earnings = [...this.#earnings, earning].slice(-MAX_EPOCHS);
    this.#payments = this.#payments.slice(-MAX_PAYMENTS);
    for (const [profile, history] of this.#prices) {
      const price = ledger.priceOf(profile);
      if (price === null) continue;
      history.push({ epoch, output: price.output });
      if (history.length > MAX_EPOCHS) history.shift();
    }
  }

  /** Oldest first, as all of these. */
  get earnings(): readonly Earning[] {
    return this.#earnings;
  }

  get payments(): readonly Payment[] {
    return this.#payments;
  }

  pricesOf(profile: Hex): readonly { epoch: number; output: MicroNcu }[] {
    return this.#prices.get(profile) ?? [];
  }

  state(): LedgerMemoryState {
    return structuredClone({
      earnings: this.#earnings,
      payments: this.#payments,
      prices: [...this.#prices],
    });
  }

  #event(event: LedgerEvent, earning: Earning): void {
    const me = this.#me;
    switch (event.type) {
      case 'payment': {
        const { payment } = event;
        if (payment.executor !== me && payment.requester !== me) return;
        if (payment.executor === me) earning.paid += payment.net;
        if (payment.requester === me) earning.spent += payment.gross;
        this.#payments.push(payment);
        return;
      }
      case 'reward':
        if (event.account === me) earning.rewards += event.amount;
        return;
      case 'fine':
        if (event.account === me) earning.rewards -= event.amount;
        return;
      case 'slash':
        for (const { client, amount } of event.slash.refunds) {
          if (client === me) earning.spent -= amount;
        }
    }
  }
}
