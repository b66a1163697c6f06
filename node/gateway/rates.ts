import { ApiError } from './errors.ts';
import type { ApiKey } from './types.ts';

const MINUTE_MS = 60_000;
/** Keys with a state; whoever was not seen for a minute has a full bucket anyway. */
const MAX_KEYS = 4096;

/** A bucket that fills up within a minute. It may be overdrawn: the debt is paid before the next. */
class Bucket {
  readonly limit: number;
  #level: number;
  #at: number;

  constructor(limit: number, now: number) {
    this.limit = limit;
    this.#level = limit;
    this.#at = now;
  }

  level(now: number): number {
    this.#level = Math.min(this.limit, this.#level + (now - this.#at) * this.limit / MINUTE_MS);
    this.#at = now;
    return this.#level;
  }

  take(amount: number, now: number): void {
    this.#level = this.level(now) - amount;
  }

  /** Milliseconds until so much is there. */
  wait(amount: number, now: number): number {
    return Math.max(0, amount - this.level(now)) * MINUTE_MS / this.limit;
  }
}

interface State {
  requests: Bucket | null;
  tokens: Bucket | null;
  active: number;
}

/** What a request was allowed: headers for its answer, and what is still to be booked. */
export interface Grant {
  headers: Record<string, string>;
  /** Books tokens of prompt and output. */
  spend(tokens: number): void;
  /** The request has ended. */
  leave(): void;
}

/** The limits of keys, and who has used how much of his. Requests and tokens a minute, at once. */
export class RateBook {
  readonly #states = new Map<string, State>();
  readonly #tick: () => number;

  /** @param tick monotonic milliseconds */
  constructor(tick: () => number) {
    this.#tick = tick;
  }

  /**
   * Books one request of a key.
   * @throws {ApiError} 429, with the time after which it may be tried again
   */
  enter(key: ApiKey): Grant {
    const now = this.#tick();
    const state = this.#stateOf(key, now);
    const { requests, tokens } = state;
    const { concurrent } = key.limits;
    const headers = () => headersOf(state, this.#tick());
    if (concurrent !== null && state.active >= concurrent) {
      throw limited('streams', `this key may have ${concurrent} at once`, 1000, headers());
    }
    const waits = requests?.wait(1, now) ?? 0;
    if (waits > 0) {
      throw limited('requests', `${requests!.limit} requests a minute`, waits, headers());
    }
    // How many it will take is known afterwards: what is overdrawn is waited for.
    const pays = tokens !== null && tokens.level(now) <= 0 ? tokens.wait(1, now) : 0;
    if (pays > 0) throw limited('tokens', `${tokens!.limit} tokens a minute`, pays, headers());
    requests?.take(1, now);
    state.active++;
    let left = false;
    return {
      headers: headers(),
      spend: (count) => tokens?.take(count, this.#tick()),
      leave: () => {
        if (!left) state.active--;
        left = true;
      },
    };
  }

  #stateOf({ id, limits }: ApiKey, now: number): State {
    const known = this.#states.get(id);
    const { requestsPerMinute: r, tokensPerMinute: k } = limits;
    const same = known !== undefined && (known.requests?.limit ?? null) === r &&
      (known.tokens?.limit ?? null) === k;
    if (same) return known;
    if (this.#states.size >= MAX_KEYS) this.#forget();
    const state = known ?? { requests: null, tokens: null, active: 0 };
    state.requests = r === null ? null : new Bucket(r, now);
    state.tokens = k === null ? null : new Bucket(k, now);
    this.#states.set(id, state);
    return state;
  }

  #forget(): void {
    for (const [id, { active }] of this.#states) if (active === 0) this.#states.delete(id);
  }
}

function limited(
  type: string,
  limit: string,
  waitMs: number,
  headers: Record<string, string>,
): ApiError {
  return new ApiError(429, 'rate_limit_exceeded', `rate limit reached: ${limit}`, {
    type,
    retryAfter: Math.max(1, waitMs / 1000),
    headers: { ...headers, 'retry-after-ms': String(Math.ceil(waitMs)) },
  });
}

function headersOf({ requests, tokens }: State, now: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, bucket] of [['requests', requests], ['tokens', tokens]] as const) {
    if (bucket === null) continue;
    headers[`x-ratelimit-limit-${name}`] = String(bucket.limit);
    headers[`x-ratelimit-remaining-${name}`] = String(Math.max(0, Math.floor(bucket.level(now))));
    headers[`x-ratelimit-reset-${name}`] = `${Math.ceil(bucket.wait(bucket.limit, now) / 1000)}s`;
  }
  return headers;
}
