import type { Attempt } from './attempt.ts';
import type { Book } from './book.ts';
import { attemptCost, mulPpm, quotient } from './cost.ts';
import { type Market, priceAt } from './market.ts';
import type { Member } from './member.ts';
import { rateOf } from './standing.ts';
import type { MicroNcu, Payment, Ppm } from './types.ts';
import type { LedgerWorld } from './world.ts';

/** What an epoch's payments came to. */
export interface Turnover {
  jobs: number;
  paid: MicroNcu;
  fees: MicroNcu;
  emitted: MicroNcu;
  refunded: MicroNcu;
  slashed: MicroNcu;
}

/** Pays, returns and releases: what becomes of an attempt's money, once it is decided. */
export class Desk {
  readonly book: Book;
  readonly market: Market;
  readonly world: LedgerWorld;
  /** Of this cut. */
  turnover: Turnover = nothing();
  /** Whose payments became free in this cut, with the fees that were burned for them. */
  readonly earners = new Map<Member, MicroNcu>();
  /** Executors of whom something was settled in it. */
  readonly rated = new Set<Member>();

  constructor(book: Book, market: Market, world: LedgerWorld) {
    this.book = book;
    this.market = market;
    this.world = world;
  }

  begin(): void {
    this.turnover = nothing();
    this.earners.clear();
    this.rated.clear();
  }

  /** Highest price of an output token that an attempt may be paid. */
  priceFor(attempt: Attempt): MicroNcu {
    const profile = this.market.get(attempt.profile)!;
    const ceiling = this.market.ceiling(profile, this.world.rules.askBand);
    // Without an artifact nothing says what was asked: the market does.
    const asked = attempt.asked ?? priceAt(profile.output, profile.level);
    return Math.min(asked, attempt.priceCap, ceiling);
  }

  /** What an attempt would cost for so many output tokens. */
  costOf(attempt: Attempt, tokens: number): MicroNcu {
    const profile = this.market.get(attempt.profile)!;
    const cost = attemptCost(this.priceFor(attempt), profile, attempt.promptTokens, tokens);
    return Math.min(cost, attempt.escrow);
  }

  /** Counts for its executor what it may yet be paid. */
  expose(attempt: Attempt, amount: MicroNcu): void {
    if (amount === attempt.exposed) return;
    this.book.member(attempt.executor).unsettled += amount - attempt.exposed;
    attempt.exposed = amount;
  }

  /** Pays an open attempt; the fee stays in escrow until the payment is free. */
  pay(attempt: Attempt, tokens: number): void {
    const { book, world } = this;
    const requester = book.member(attempt.requester);
    const executor = book.member(attempt.executor);
    const gross = executor.account.status === 'banned' ? 0 : this.costOf(attempt, tokens);
    if (gross === 0) return this.giveBack(attempt);
    const fee = mulPpm(gross, this.#feeShare(executor)), net = gross - fee;
    book.move(requester, 'escrow', executor, 'pending', net);
    const rest = attempt.escrow - gross;
    attempt.escrow = fee;
    count(requester, 'spent', gross);
    count(executor, 'earned', net);
    const { job, profile, promptTokens } = attempt;
    const payment: Payment = {
      job,
      attempt: attempt.attempt,
      requester: attempt.requester,
      executor: attempt.executor,
      profile,
      promptTokens,
      tokens,
      gross,
      fee,
      net,
      epoch: world.cut,
      free: world.cut + world.challengeCuts,
    };
    attempt.payment = payment;
    attempt.state = 'paid';
    this.expose(attempt, gross);
    // What nobody paid for is no demand.
    this.market.worked(attempt.executor, profile, attempt.workedMs);
    this.turnover.jobs++;
    this.turnover.paid += gross;
    world.emit({ type: 'payment', payment });
    if (rest > 0) this.#return(attempt, requester, rest);
  }

  /** Who is audited more pays for more audits. */
  #feeShare(executor: Member): Ppm {
    const { rules: { feeShare, auditFee }, audit } = this.world;
    return feeShare + quotient(auditFee * rateOf(executor, audit), 10_000);
  }

  /**
   * Who takes an answer and says nothing of it pays for more than one may take unacknowledged. Nobody
   * gets that, so that nobody gains by saying that there was an answer. What it signed for is its
   * executor's, and is not burned: the same escrow would else pay for either.
   */
  silence(attempt: Attempt): void {
    const { settled, acked, digested } = attempt;
    if (settled !== null || digested === null) return;
    if (digested <= (acked ?? 0)) return;
    const requester = this.book.member(attempt.requester);
    const owed = acked === null ? 0 : this.costOf(attempt, acked);
    const silent = this.costOf(attempt, this.world.rules.silentTokens);
    const amount = Math.min(silent, attempt.escrow - owed);
    if (amount === 0) return;
    attempt.escrow -= amount;
    this.book.burn(requester, 'escrow', amount);
    this.world.emit({ type: 'fine', account: attempt.requester, amount });
  }

  /** Ends an open attempt: its escrow goes back. */
  giveBack(attempt: Attempt): void {
    const { escrow } = attempt;
    attempt.escrow = 0;
    attempt.state = 'over';
    this.expose(attempt, 0);
    if (escrow > 0) this.#return(attempt, this.book.member(attempt.requester), escrow);
  }

  #return({ job, attempt }: Attempt, requester: Member, amount: MicroNcu): void {
    this.book.move(requester, 'escrow', requester, 'available', amount);
    this.world.emit({
      type: 'returned',
      account: requester.account.key,
      job,
      attempt,
      amount,
    });
  }

  /** Frees a payment: its fee is burned, the rest may be spent. */
  release(attempt: Attempt): void {
    const { book, world } = this;
    const { net, fee } = attempt.payment!;
    const executor = book.member(attempt.executor);
    book.move(executor, 'pending', executor, 'available', net);
    book.burn(book.member(attempt.requester), 'escrow', fee);
    attempt.escrow = 0;
    attempt.state = 'over';
    this.expose(attempt, 0);
    this.turnover.fees += fee;
    this.earners.set(executor, (this.earners.get(executor) ?? 0) + fee);
    world.emit({ type: 'released', account: attempt.executor, amount: net });
  }

  /** Takes a payment back that is not free: its client has all of it again, fee and all. */
  refund(attempt: Attempt): void {
    const { book, world } = this;
    const { net, gross, job } = attempt.payment!;
    const executor = book.member(attempt.executor), requester = book.member(attempt.requester);
    book.move(executor, 'pending', requester, 'available', net);
    book.move(requester, 'escrow', requester, 'available', attempt.escrow);
    count(executor, 'earned', -net);
    count(requester, 'spent', -gross);
    attempt.escrow = 0;
    attempt.payment = null;
    attempt.state = 'over';
    this.expose(attempt, 0);
    this.turnover.refunded += gross;
    const account = attempt.requester;
    world.emit({ type: 'returned', account, job, attempt: attempt.attempt, amount: gross });
  }
}

function nothing(): Turnover {
  return { jobs: 0, paid: 0, fees: 0, emitted: 0, refunded: 0, slashed: 0 };
}

/** Sums over all time: where whole numbers end they stay. */
function count({ account }: Member, what: 'spent' | 'earned', amount: number): void {
  account[what] = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, account[what] + amount));
}
