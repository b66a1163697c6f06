import { messageOf } from '../base/mod.ts';

const LOOK_MS = 20_000;
/** What arrives between two looks may exceed the quota by this share of it. */
const EXCESS = 1 / 16;

/** Something whose payload may be dropped. */
export interface Holding {
  /** Bytes of payload held. */
  bytes: number;
  /** Least recently used first. */
  at: number;
  /** Drops at least so many bytes of payload, if it has them. */
  drop(bytes: number): Promise<void>;
}

/**
 * Brings holdings back under the quota: the least recently used first, and a tenth below, so that
 * the next block does not start it again.
 * @returns bytes that were to be dropped
 */
export async function enforceQuota(holdings: Holding[], quotaBytes: number): Promise<number> {
  const total = holdings.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= quotaBytes) return 0;
  let excess = total - Math.floor(0.9 * quotaBytes);
  const dropped = excess;
  for (const holding of holdings.toSorted((a, b) => a.at - b.at)) {
    if (excess <= 0) break;
    await holding.drop(excess);
    excess -= Math.min(excess, holding.bytes);
  }
  return dropped;
}

/** Where holdings come from. */
export interface QuotaHost {
  /** Finds what earlier runs left behind; asked once, before the first look. */
  count(): Promise<void>;
  holdings(): Holding[];
}

/** Keeps holdings within a quota: looks now and then, and when much has arrived. */
export class Quota {
  readonly #quotaBytes: number;
  readonly #host: QuotaHost;
  readonly #timer: ReturnType<typeof setInterval>;
  #grown = 0;
  #counted = false;
  #looking: Promise<void> | null = null;

  constructor(quotaBytes: number, host: QuotaHost) {
    this.#quotaBytes = quotaBytes;
    this.#host = host;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /** So many bytes of payload have arrived. */
  grew(bytes: number): void {
    this.#grown += bytes;
    if (this.#grown > EXCESS * this.#quotaBytes) this.#look();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #look(): void {
    if (this.#looking !== null) return;
    this.#grown = 0;
    this.#looking = this.#enforce().catch((error) => {
      console.error(`trimming to the quota: ${messageOf(error)}`);
    }).finally(() => this.#looking = null);
  }

  async #enforce(): Promise<void> {
    if (!this.#counted) await this.#host.count();
    this.#counted = true;
    await enforceQuota(this.#host.holdings(), this.#quotaBytes);
  }
}
