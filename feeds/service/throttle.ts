/** Runs at most one task for each name in a period; of those that come meanwhile, the last. */
export class Throttle {
  readonly #periodMs: number;
  readonly #waiting = new Map<
    string,
    { timer: ReturnType<typeof setTimeout>; task: Task | null }
  >();

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  run(name: string, task: Task): void {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) {
      waiting.task = task;
      return;
    }
    const timer = setTimeout(() => {
      const task = this.#waiting.get(name)?.task;
      this.#waiting.delete(name);
      if (task) this.run(name, task);
    }, this.#periodMs);
    this.#waiting.set(name, { timer, task: null });
    task();
  }

  forget(name: string): void {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    this.#waiting.delete(name);
  }
}

type Task = () => void;
