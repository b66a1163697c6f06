import { ncuText } from '../../feeds/base/mod.ts';
import { type ApiError, quotaError } from './errors.ts';
import type { ApiKey, KeyUsage, Quote } from './types.ts';

const DAY_MS = 86_400_000;
/** A clock that was corrected may show the day before: as far ahead a day is waited for. */
const DAYS_AHEAD = 1;
/**
 * Keys whose use of a day is kept: with more, that of keys which there are no longer is forgotten, the
 * oldest first. There are fewer keys at a time.
 */
const MAX_USAGE_KEYS = 4096;

/** What one request takes of its key's day. Amounts are micro-NCU. */
export interface Spend {
  headers: Record<string, string>;
  /** An answer cost that much. */
  charge(cost: number): void;
  /**
   * Another executor reads the prompt of an answer once more, and is paid for that too.
   * @param index of the answer
   * @throws {ApiError} 429 `insufficient_quota` where that is more than is left of the key's day
   */
  again(index: number): void;
  /** An answer broke off after so many tokens, and what it costs is not known: the most it may. */
  broken(index: number, tokens: number): void;
  /** The request has ended: what was set aside for it is free. */
  leave(): void;
}

/** The most that an answer may cost. */
function mostOf({ prompt, token, maxTokens }: Quote): number {
  return prompt + token * maxTokens;
}

/**
 * What each key has spent today, by UTC, and what is set aside for its requests in progress: together
 * never more than its limit.
 */
export class SpendBook {
  readonly #now: () => number;
  readonly #save: (usage: KeyUsage) => void;
  readonly #used: Map<string, number>;
  readonly #held = new Map<string, number>();
  readonly #ids: () => Promise<ReadonlySet<string>>;
  #forgetting = false;
  #day: number;

  /**
   * @param usage of before; null: none
   * @param now milliseconds since 1970
   * @param save called with each change
   * @param ids of all keys that there are: what these have spent today is never forgotten
   */
  constructor(
    usage: KeyUsage | null,
    now: () => number,
    save: (usage: KeyUsage) => void,
    ids: () => Promise<ReadonlySet<string>>,
  ) {
    this.#ids = ids;
    this.#now = now;
    this.#save = save;
    this.#day = usage?.day ?? dayOf(now());
    this.#used = new Map(Object.entries(usage?.used ?? {}));
  }

  /** By key id, micro-NCU. */
  get today(): ReadonlyMap<string, number> {
    this.#turn();
    return this.#used;
  }

  /**
   * Sets aside the most that the answers to a request may cost.
   * @param quotes of each answer, in the order of their indices; null: it costs nothing
   * @throws {ApiError} 429 `insufficient_quota` where that is more than is left of the key's day
   */
  enter({ id, limits }: ApiKey, quotes: readonly (Quote | null)[]): Spend {
    this.#turn();
    const limit = limits.ncuPerDay;
    let most = quotes.reduce((sum, quote) => sum + (quote === null ? 0 : mostOf(quote)), 0);
    this.#hold(id, limit, most);
    let left = false;
    const attempts = quotes.map(() => 1);
    return {
      headers: this.#headersOf(id, limit),
      charge: (cost) => this.#charge(id, cost),
      again: (index) => {
        this.#turn();
        const prompt = quotes[index]?.prompt ?? 0;
        if (!left) this.#hold(id, limit, prompt);
        most += prompt;
        attempts[index] = (attempts[index] ?? 0) + 1;
      },
      broken: (index, tokens) => {
        const { prompt, token } = quotes[index] ?? { prompt: 0, token: 0 };
        this.#charge(id, prompt * (attempts[index] ?? 1) + token * tokens);
      },
      leave: () => {
        if (left) return;
        left = true;
        const rest = (this.#held.get(id) ?? 0) - most;
        if (rest > 0) this.#held.set(id, rest);
        else this.#held.delete(id);
      },
    };
  }

  /** @throws {ApiError} 429 `insufficient_quota` */
  #hold(id: string, limit: number | null, most: number): void {
    const held = this.#held.get(id) ?? 0;
    if (limit !== null && most > 0) {
      const left = limit - (this.#used.get(id) ?? 0) - held;
      if (most > left) throw this.#refused(limit, left, held, most, this.#headersOf(id, limit));
    }
    this.#held.set(id, held + most);
  }

  #charge(id: string, cost: number): void {
    if (cost <= 0) return;
    this.#turn();
    const used = (this.#used.get(id) ?? 0) + cost;
    // The newest stand last, so that the first is the one to be forgotten.
    this.#used.delete(id);
    this.#used.set(id, used);
    this.#keep();
    if (this.#used.size > MAX_USAGE_KEYS && !this.#forgetting) void this.#forget();
  }

  #keep(): void {
    this.#save({ day: this.#day, used: Object.fromEntries(this.#used) });
  }

  /** While nobody can say which keys there are, no new one is let in: there is nothing to forget. */
  async #forget(): Promise<void> {
    this.#forgetting = true;
    try {
      const ids = await this.#ids();
      for (const id of this.#used.keys()) {
        if (this.#used.size <= MAX_USAGE_KEYS) break;
        if (!ids.has(id) && !this.#held.has(id)) this.#used.delete(id);
      }
      this.#keep();
    } catch {
      // Tried again with the next charge.
    } finally {
      this.#forgetting = false;
    }
  }

  /**
   * Begins a new day where one has begun; a clock that is set back begins none. Where it was far ahead,
   * what was spent meanwhile counts as today's: nobody is refused for years, and nothing is forgotten.
   */
  #turn(): void {
    const day = dayOf(this.#now());
    if (day <= this.#day && this.#day <= day + DAYS_AHEAD) return;
    if (day > this.#day) this.#used.clear();
    this.#day = day;
  }

  #refused(
    limit: number,
    left: number,
    held: number,
    most: number,
    headers: Record<string, string>,
  ): ApiError {
    const inProgress = held > 0 ? ', with what its requests in progress may take set aside' : '';
    const text = `you exceeded the quota of this key: ${ncuText(Math.max(0, left))} of ` +
      `${ncuText(limit)} NCU a day are left${inProgress}, and this request may cost ` +
      `${ncuText(most)}; ask for fewer tokens, or wait until 00:00 UTC`;
    return quotaError(text, { retryAfter: this.#resetSeconds(), headers });
  }

  #headersOf(id: string, limit: number | null): Record<string, string> {
    if (limit === null) return {};
    const left = limit - (this.#used.get(id) ?? 0) - (this.#held.get(id) ?? 0);
    return {
      'x-ratelimit-limit-ncu': ncuText(limit),
      'x-ratelimit-remaining-ncu': ncuText(Math.max(0, left)),
      'x-ratelimit-reset-ncu': `${this.#resetSeconds()}s`,
    };
  }

  #resetSeconds(): number {
    return Math.max(1, Math.ceil(((this.#day + 1) * DAY_MS - this.#now()) / 1000));
  }
}

/** Days since 1970, UTC. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}
