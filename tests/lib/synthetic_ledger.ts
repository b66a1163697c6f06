import type {
  AccountRow,
  EpochRow,
  LedgerRows,
  PaymentRow,
  PriceRow,
  SlashRow,
} from '../../node/control/mod.ts';

const NCU = 1_000_000;
/** As many as a node tells of at most. */
const MOST = { accounts: 256, history: 64, payments: 64, slashes: 64 };
/** Cuts of the past: enough for a slash. */
const PAST = 20;
const EPOCH_MS = 30_000;

/** Money that nobody has: jobs are paid, prices move, one executor is slashed now and then. */
export class SyntheticLedger {
  readonly #random: () => number;
  readonly #accounts: AccountRow[];
  readonly #prices: PriceRow[];
  #epochs: EpochRow[] = [];
  #earnings: LedgerRows['earnings'] = [];
  #payments: PaymentRow[] = [];
  #slashes: SlashRow[] = [];
  #epoch = 0;
  #burned = 0;
  #cutAt = 0;

  /** @param random numbers from 0 to 1 */
  constructor(self: string, peers: readonly string[], at: number, random: () => number) {
    this.#random = random;
    this.#accounts = [self, ...peers].slice(0, MOST.accounts).map((key) => ({
      key,
      available: 1000 * NCU,
      escrow: 0,
      pending: 0,
      bonded: random() < 0.5 ? 0 : Math.floor(random() * 500) * NCU,
      unbonding: 0,
      owed: 0,
      reputation: 0,
      violations: 0,
      banned: false,
      verified: 0,
      served: 0,
      failed: 0,
      earned: 0,
      spent: 0,
    }));
    this.#prices = ['smollm2-135m', '東京-8b', null].map((model) => ({
      profile: this.#hash(),
      model,
      prompt: 50,
      output: 1000,
      level: 1,
      utilisation: 0.5,
      history: [],
    }));
    for (let i = 0; i < PAST && peers.length > 0; i++) this.cut(at - (PAST - i) * EPOCH_MS);
  }

  /** As a node tells it; null where nobody is there. */
  rows(): LedgerRows | null {
    const [own] = this.#accounts;
    if (this.#accounts.length < 2) return null;
    const sum = (of: 'available' | 'pending' | 'escrow' | 'bonded' | 'owed') =>
      this.#accounts.reduce((all, account) => all + account[of], 0);
    return {
      epoch: this.#epoch,
      root: this.#hash(),
      certified: { epoch: this.#epoch - 1, root: this.#hash() },
      differs: null,
      electorate: { since: 0, seats: [{ key: own!.key, weight: 1 }], coming: null },
      epochMs: EPOCH_MS,
      cutAt: this.#cutAt,
      own: {
        ...own!,
        unbonds: [],
        credit: 0,
        rate: 0.25,
        unsettled: own!.pending,
        cap: NCU,
        n: 10,
      },
      totals: {
        available: sum('available'),
        pending: sum('pending'),
        escrow: sum('escrow'),
        bonded: sum('bonded'),
        owed: sum('owed'),
        burned: this.#burned,
        grants: 1000 * NCU * this.#accounts.length,
        emission: 0,
      },
      accounts: this.#accounts,
      accountCount: this.#accounts.length,
      prices: this.#prices,
      epochs: this.#epochs,
      earnings: this.#earnings,
      payments: this.#payments,
      slashes: this.#slashes,
      findings: [],
      findingCount: 0,
      note: null,
    };
  }

  /** One cut more. */
  cut(at: number): void {
    const epoch = ++this.#epoch;
    this.#cutAt = at;
    let paid = 0, earned = 0;
    for (let i = 0; i < 10; i++) {
      const payment = this.#pay(i);
      paid += payment.gross;
      this.#burned += payment.fee;
      if (i % 2 === 0) earned += payment.net;
    }
    for (const price of this.#prices) this.#move(price);
    const summary = { jobs: 10, paid, fees: paid / 10, emitted: 0, refunded: 0 };
    const epochs = { epoch, root: this.#hash(), ...summary, slashed: 0, accounts: 0 };
    this.#epochs = [...this.#epochs, epochs].slice(-MOST.history);
    const earning = { epoch, paid: earned, rewards: 0, spent: paid };
    this.#earnings = [...this.#earnings, earning].slice(-MOST.history);
    if (epoch % 8 === 0) this.#slash();
  }

  #pay(i: number): PaymentRow {
    const own = this.#accounts[0]!, other = this.#other();
    const [executor, requester] = i % 2 === 0 ? [own, other] : [other, own];
    const tokens = 1 + this.#below(500);
    const gross = Math.min(requester.available, tokens * 1000), fee = Math.floor(gross / 10);
    requester.available -= gross;
    requester.spent += gross;
    executor.available += executor.pending;
    executor.pending = gross - fee;
    executor.earned += gross - fee;
    executor.served++;
    executor.verified++;
    executor.reputation = executor.verified / (executor.verified + 20);
    const payment = {
      job: this.#hash(),
      attempt: 0,
      requester: requester.key,
      executor: executor.key,
      profile: this.#prices[0]!.profile,
      model: this.#prices[0]!.model,
      promptTokens: 20,
      tokens,
      gross,
      fee,
      net: gross - fee,
      epoch: this.#epoch,
      free: this.#epoch + 6,
    };
    this.#payments = [...this.#payments, payment].slice(-MOST.payments);
    return payment;
  }

  #move(price: PriceRow): void {
    price.utilisation = this.#random();
    price.level *= 1 + (this.#random() - 0.5) / 10;
    price.output = Math.max(1, Math.round(1000 * price.level));
    price.history = [...price.history, { epoch: this.#epoch, output: price.output }]
      .slice(-MOST.history);
  }

  #slash(): void {
    const own = this.#accounts[0]!;
    const offender = this.#accounts.find((one) => one !== own && one.bonded > 0);
    if (offender === undefined) return;
    const amount = offender.bonded, refund = Math.floor(amount / 4);
    offender.bonded = 0;
    offender.violations++;
    own.available += refund;
    this.#burned += amount - refund;
    const subjects = [this.#hash(), this.#hash()];
    this.#slashes = [...this.#slashes, {
      epoch: this.#epoch,
      offender: offender.key,
      cause: 'lifetime' as const,
      gain: Math.floor(amount / 10),
      n: 10,
      amount,
      forfeited: 0,
      burned: amount - refund,
      refunds: [{ client: own.key, job: this.#hash(), attempt: 0, amount: refund }],
      refunded: refund,
      clients: 1,
      finders: [],
      subjects,
    }].slice(-MOST.slashes);
  }

  #other(): AccountRow {
    return this.#accounts[1 + this.#below(this.#accounts.length - 1)]!;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #hash(): string {
    return Math.floor(this.#random() * 2 ** 32).toString(16).padStart(8, '0').repeat(8);
  }
}
