import { toHex } from '../base/mod.ts';
import type { SignedHead } from '../proof/mod.ts';

const EVERY_MS = 3000;
/** At a time: with an own node's three they fit into one message. */
const AT_ONCE = 5;
const MOST_WAITING = 4096;

export interface RumoursHost {
  /** The newest head of a core; rejects where there is none. */
  head(key: Uint8Array): Promise<SignedHead>;
  tell(heads: SignedHead[]): void;
}

/**
 * Tells heads of others' logs on, a few at a time, each after it grew and again to who comes later, so
 * that a writer who shows each peer another history is found out by any two of them, also where they
 * could not hear each other then.
 */
export class Rumours {
  readonly #host: RumoursHost;
  /** The longest ago first. */
  readonly #waiting = new Map<string, Uint8Array>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(host: RumoursHost) {
    this.#host = host;
    this.#timer = setInterval(() => void this.#tell(), EVERY_MS);
    this.#timer.unref();
  }

  grew(key: Uint8Array): void {
    const name = toHex(key);
    if (this.#waiting.size < MOST_WAITING) this.#waiting.set(name, this.#waiting.get(name) ?? key);
  }

  /** A peer has come, who may not have heard what was told of these. */
  met(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.grew(key);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #tell(): Promise<void> {
    const next = [...this.#waiting].slice(0, AT_ONCE);
    for (const [name] of next) this.#waiting.delete(name);
    const heads = await Promise.allSettled(next.map(([, key]) => this.#host.head(key)));
    const known = heads.flatMap((head) => head.status === 'fulfilled' ? [head.value] : []);
    if (known.length > 0) this.#host.tell(known);
  }
}
