import { NexusError } from '../../feeds/base/mod.ts';
import { BodyBudget } from './body.ts';
import type { CallDeps } from './call.ts';
import { ApiError } from './errors.ts';
import { later } from './later.ts';
import { GATEWAY_LIMITS, type GatewayLimits } from './limits.ts';
import { Metrics } from './metrics.ts';
import { isLoopback } from './origin.ts';
import { JobOwners } from './owners.ts';
import { RateBook } from './rates.ts';
import { Turns } from './turns.ts';
import { SpendBook } from './spending.ts';
import type { GatewayNode, GatewayOptions, KeyUsage } from './types.ts';

/** What the requests of one gateway share. */
export class Desk implements Disposable {
  readonly node: GatewayNode;
  readonly options: GatewayOptions;
  readonly limits: GatewayLimits;
  readonly loopback: boolean;
  /** Programs of this machine need no key as long as there is none. */
  readonly open: boolean;
  readonly metrics: Metrics;
  readonly rates: RateBook;
  readonly spending: SpendBook;
  readonly owners = new JobOwners();
  readonly budget: BodyBudget;
  readonly turns: Turns;
  readonly calls: CallDeps;
  /** Aborts when answers in progress are given up. */
  readonly ending = new AbortController();
  /** Seconds since 1970. */
  readonly started: number;
  #streams = 0;
  #empty = later<void>();
  #closing = false;

  /** @param usage what keys have spent before; null: nothing */
  constructor(node: GatewayNode, options: GatewayOptions, usage: KeyUsage | null = null) {
    this.node = node;
    this.options = options;
    this.limits = { ...GATEWAY_LIMITS, ...options.limits };
    this.loopback = isLoopback(options.hostname);
    this.open = this.loopback && options.admission === undefined;
    this.budget = new BodyBudget(this.limits.bodiesBytes);
    this.turns = new Turns(this.limits.jobs);
    const save = (used: KeyUsage) => options.usage?.save(used);
    this.spending = new SpendBook(usage, Date.now, save, () => options.keys.ids());
    this.metrics = new Metrics(node, () => this.#streams, () => this.spending.today);
    const tick = () => performance.now();
    this.rates = new RateBook(tick);
    this.started = Math.floor(Date.now() / 1000);
    const { metrics } = this;
    this.calls = { now: Date.now, tick, metrics, onRequest: options.onRequest };
  }

  /**
   * Takes in one request that is to be answered; the returned function lets it go.
   * @throws {ApiError} 503 where there are too many, or none is taken any more
   */
  enter(): () => void {
    if (this.#closing) {
      throw new ApiError(503, 'gateway_closing', 'the gateway is closing', { retryAfter: 5 });
    }
    if (this.#streams >= this.limits.streams) {
      const text = `${this.#streams} requests are being answered`;
      throw new ApiError(503, 'gateway_busy', text, { retryAfter: 1 });
    }
    this.#streams++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      if (--this.#streams === 0 && this.#closing) this.#empty.resolve();
    };
  }

  /** Takes nothing new, gives what is in progress its time, and keeps what keys have spent. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (this.#streams > 0) await this.#emptied();
    await this.options.usage?.flush();
  }

  async #emptied(): Promise<void> {
    const stop = () => this.ending.abort(new NexusError('NODE_STOPPED', 'the gateway was closed'));
    const timer = setTimeout(stop, this.limits.drainMs);
    const last = setTimeout(() => this.#empty.resolve(), 2 * this.limits.drainMs);
    await this.#empty.promise;
    clearTimeout(timer);
    clearTimeout(last);
  }

  [Symbol.dispose](): void {
    this.ending.abort();
    this.metrics[Symbol.dispose]();
  }
}
