import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { left, type ProbePolicy, type Spent, waitFor } from './schedule.ts';

/** Peers whose last challenge is remembered. */
const MOST_PEERS = 256;
/** Whom nobody drew waits so long from the end of one challenge to its next, milliseconds. */
const BY_HAND_MS = 60_000;

/**
 * What a node still gives to challenges: no more than a share of its time. Whom nobody drew gets what is
 * left over half of the first allowance, so that it cannot take the place of a drawn one.
 */
export class Budget {
  readonly #policy: ProbePolicy;
  readonly #tick: () => number;
  readonly #since: number;
  readonly #asked = new Map<string, number>();
  #ms = 0;

  constructor(policy: ProbePolicy, tick: () => number) {
    this.#policy = policy;
    this.#tick = tick;
    this.#since = tick();
  }

  /** Time given so far, and since when it is counted. */
  get spent(): Spent {
    return { since: this.#since, ms: this.#ms };
  }

  /** Share of the time so far, 0 to 1; null before anything was given. */
  get share(): number | null {
    return this.#ms === 0 ? null : this.#ms / Math.max(1, this.#tick() - this.#since);
  }

  /** One more challenge. @throws {NexusError} `TOO_OFTEN` */
  check(drawn: boolean): void {
    const now = this.#tick(), policy = this.#policy;
    const kept = drawn ? -policy.drawnMs : policy.burstMs / 2;
    if (left(this.spent, now, policy) <= kept) {
      throw tooOften(waitFor(this.spent, kept + 1, now, policy));
    }
  }

  /** A challenger begins. @throws {NexusError} `TOO_OFTEN` */
  enter(peer: Uint8Array, drawn: boolean): void {
    this.check(drawn);
    if (drawn) return;
    const now = this.#tick();
    const name = toHex(peer), before = this.#asked.get(name);
    if (before !== undefined && now - before < BY_HAND_MS) {
      throw tooOften(BY_HAND_MS - (now - before));
    }
    this.#asked.delete(name);
    this.#asked.set(name, now);
    if (this.#asked.size > MOST_PEERS) this.#asked.delete(this.#asked.keys().next().value!);
  }

  /** A challenger has ended: the pause of one that nobody drew counts from here. */
  leave(peer: Uint8Array): void {
    const name = toHex(peer);
    if (this.#asked.has(name)) this.#asked.set(name, this.#tick());
  }

  /** So much was given. */
  spend(ms: number): void {
    this.#ms += Math.max(0, ms);
  }
}

function tooOften(ms: number): NexusError {
  return new NexusError('TOO_OFTEN', 'this node has answered enough challenges for now', {
    hint: `try again in ${Math.ceil(ms / 1000)} s`,
  });
}
