/** What a queue holds: values and how much each counts towards its bound. */
interface Held<T> {
  value: T;
  weight: number;
}

/** A bounded queue for one reader: whoever writes never waits, a slow reader loses the oldest. */
export class LossyQueue<T> {
  readonly #limit: number;
  readonly #weigh: (value: T) => number;
  #held: Held<T>[] = [];
  #weight = 0;
  #lost = 0;
  #wake = () => {};

  /**
   * @param limit weight of all values together, at most
   * @param weigh how much a value counts; 1 unless told
   */
  constructor(limit: number, weigh: (value: T) => number = () => 1) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  push(value: T): void {
    const weight = this.#weigh(value);
    this.#held.push({ value, weight });
    this.#weight += weight;
    while (this.#weight > this.#limit && this.#held.length > 1) {
      this.#weight -= this.#held.shift()!.weight;
      this.#lost++;
    }
    this.#wake();
  }

  take(): T | undefined {
    const held = this.#held.shift();
    this.#weight -= held?.weight ?? 0;
    return held?.value;
  }

  /** How many values were lost since it was asked last. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Drops all values; returns how many. */
  clear(): number {
    const { length } = this.#held;
    this.#held = [];
    this.#weight = 0;
    return length;
  }

  /** Resolves when there is something to take, something was lost, or the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (this.#held.length === 0 && this.#lost === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          signal.removeEventListener('abort', end);
          resolve();
        };
        this.#wake = end;
        signal.addEventListener('abort', end);
      });
    }
  }
}
