/** Wakes whoever waits for the next time that something has happened. */
export class Bell {
  #ring!: () => void;
  #rung!: Promise<void>;

  constructor() {
    this.reset();
  }

  /** Resolves once it was rung after the last {@link reset}. */
  get rung(): Promise<void> {
    return this.#rung;
  }

  ring(): void {
    this.#ring();
  }

  reset(): void {
    this.#rung = new Promise((resolve) => this.#ring = resolve);
  }
}
