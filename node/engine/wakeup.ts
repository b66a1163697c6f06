/** Lets a loop sleep until there is something to do, without missing what came just before. */
export class Wakeup {
  #nudged = false;
  #wake: (() => void) | null = null;

  /** Begins a round: what was there to do before will be seen in it. */
  begin(): void {
    this.#nudged = false;
  }

  nudge(): void {
    this.#nudged = true;
    this.#wake?.();
  }

  /** Resolves with the next nudge, at once if there was one since the round began. */
  async sleep(): Promise<void> {
    if (this.#nudged) return;
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = null;
  }
}
