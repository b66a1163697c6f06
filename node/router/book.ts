import { toHex } from '../../feeds/base/mod.ts';
import {
  expectedFirstMs,
  failuresAt,
  NO_STATS,
  type Observation,
  observe,
  type PeerStats,
  tokensPerSecond,
} from './stats.ts';
import type { Candidate, Offered } from './types.ts';

/** Statistics of the executors this requester used, the least recently used forgotten first. */
export class StatsBook {
  readonly #limit: number;
  readonly #stats = new Map<string, PeerStats>();
  readonly #running = new Map<string, number>();

  constructor(limit = 1024) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#stats.size;
  }

  get(executor: Uint8Array, profile: Uint8Array): PeerStats {
    return this.#stats.get(key(executor, profile)) ?? NO_STATS;
  }

  observe(executor: Uint8Array, profile: Uint8Array, seen: Observation): void {
    const name = key(executor, profile);
    const next = observe(this.#stats.get(name) ?? NO_STATS, seen);
    this.#stats.delete(name);
    this.#stats.set(name, next);
    if (this.#stats.size > this.#limit) {
      this.#stats.delete(this.#stats.keys().next().value!);
    }
  }

  /**
   * A candidate with what was measured of it. Its load is at least our own jobs there.
   * @param at the clock that failures were observed with, milliseconds
   */
  measured(offered: Offered, promptTokens: number, at: number): Candidate {
    const stats = this.get(offered.executor, offered.profile);
    const { active, queued, slots } = offered.load;
    const jobs = Math.max(active + queued, this.running(offered.executor));
    const busy = Math.min(slots, Math.max(active, jobs));
    return {
      ...offered,
      load: { ...offered.load, active: busy, queued: Math.max(queued, jobs - busy) },
      tokensPerSecond: tokensPerSecond(stats),
      firstTokenMs: expectedFirstMs(stats, promptTokens),
      failures: failuresAt(stats, at),
    };
  }

  /** Own jobs at this executor now: fresher than what it announced. */
  running(executor: Uint8Array): number {
    return this.#running.get(toHex(executor)) ?? 0;
  }

  /** Counts one job until the returned function is called. */
  enter(executor: Uint8Array): () => void {
    const name = toHex(executor);
    this.#running.set(name, (this.#running.get(name) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = (this.#running.get(name) ?? 1) - 1;
      if (now > 0) this.#running.set(name, now);
      else this.#running.delete(name);
    };
  }
}

function key(executor: Uint8Array, profile: Uint8Array): string {
  return toHex(executor) + toHex(profile);
}
