import type { Feeds } from '../../feeds/client/mod.ts';
import { LIMITS, type SeenHead } from '../../feeds/records/mod.ts';
import type { Directory } from './directory.ts';

/** Heads older than this are looked up again, beside the job that asked. */
const FRESH_MS = 1000;

/**
 * Newest heads of the connected peers' logs as this node holds them. Entries name them, so that the
 * logs form a causal web; nothing waits for a newer one.
 */
export class SeenHeads {
  readonly #feeds: Promise<Feeds>;
  readonly #directory: Directory;
  readonly #tick: () => number;
  #heads: SeenHead[] = [];
  #at = -Infinity;
  #looking = false;

  constructor(
    feeds: Promise<Feeds>,
    directory: Directory,
    tick: () => number = () => performance.now(),
  ) {
    this.#feeds = feeds;
    this.#directory = directory;
    this.#tick = tick;
  }

  /** What was seen last. */
  now(): SeenHead[] {
    if (!this.#looking && this.#tick() - this.#at > FRESH_MS) {
      this.#looking = true;
      this.#look().catch(() => {}).finally(() => {
        this.#looking = false;
        this.#at = this.#tick();
      });
    }
    return this.#heads;
  }

  async #look(): Promise<void> {
    const feeds = await this.#feeds;
    const heads: SeenHead[] = [];
    for (const { info: { identity } } of this.#directory.peers) {
      for (const core of [identity.jobs, identity.artifacts, identity.attestations]) {
        if (heads.length >= LIMITS.heads) break;
        // A log of which nothing arrived yet has no head here.
        const head = await feeds.head(core).catch(() => null);
        if (head !== null) heads.push({ core, length: head.length });
      }
    }
    this.#heads = heads;
  }
}
