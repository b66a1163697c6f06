import type { StoreLimits } from './store.ts';

/** What is remembered of a kept attempt. */
export interface HeldAttempt {
  jobKey: Uint8Array;
  /** Of its files. */
  bytes: number;
  /** When it was kept, milliseconds since 1970. */
  at: number;
}

/** Which attempts are kept, the oldest first. */
export class Held {
  readonly #limits: StoreLimits;
  readonly #attempts = new Map<string, HeldAttempt>();

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#attempts.size;
  }

  get(name: string): HeldAttempt | undefined {
    return this.#attempts.get(name);
  }

  add(name: string, attempt: HeldAttempt): void {
    this.#attempts.set(name, attempt);
  }

  delete(name: string): void {
    this.#attempts.delete(name);
  }

  /** Names of those that are too old. */
  expired(now: number): string[] {
    const { ageMs } = this.#limits;
    return [...this.#attempts].filter(([, { at }]) => now - at > ageMs).map(([name]) => name);
  }

  /** Names of the oldest ones, as many as must go. */
  excess(): string[] {
    let count = this.#attempts.size;
    let bytes = 0;
    for (const attempt of this.#attempts.values()) bytes += attempt.bytes;
    const going: string[] = [];
    for (const [name, attempt] of this.#attempts) {
      if (count <= this.#limits.attempts && bytes <= this.#limits.bytes) break;
      going.push(name);
      count--;
      bytes -= attempt.bytes;
    }
    return going;
  }
}
