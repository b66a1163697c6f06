import type { Account, Payment } from '../../feeds/ledger/mod.ts';
import type { TreeThread } from './thread.ts';
import type { TreeAnswers } from './trees.ts';

/** Epochs that wait while one is built, at most: of older ones the roots are left out. */
const MAX_WAITING = 8;

interface Waiting {
  epoch: number;
  changed: readonly Account[];
  payments: readonly Payment[] | null;
}

export interface FieldRootsOptions {
  thread: TreeThread;
  /** Nulls: they were left out. */
  onBuilt: (
    built: { epoch: number; accounts: Uint8Array | null; receipts: Uint8Array | null },
  ) => void;
}

/** Poseidon roots of each epoch, built beside the fold, which never waits for them. */
export class FieldRoots {
  readonly #options: FieldRootsOptions;
  #waiting: Waiting[] = [];
  #beginning: readonly Account[] | null = null;
  /** The run of cuts that is read now: what was built in one before is of no use. */
  #run = 0;
  #working = false;

  constructor(options: FieldRootsOptions) {
    this.#options = options;
  }

  /** The cuts are read on from here. @param accounts all of them */
  begin(accounts: readonly Account[]): void {
    this.#run++;
    this.#waiting = [];
    this.#beginning = accounts;
  }

  /** A cut was folded. @param payments null: not known @param changed accounts that it changed */
  folded(epoch: number, changed: readonly Account[], payments: readonly Payment[] | null): void {
    this.#waiting.push({ epoch, changed, payments });
    if (this.#waiting.length > MAX_WAITING) this.#skip();
    if (!this.#working) void this.#work();
  }

  /** The oldest epoch is left out; what it changed counts with the next. */
  #skip(): void {
    const [oldest, next] = this.#waiting.splice(0, 2) as [Waiting, Waiting];
    const changed = new Map([...oldest.changed, ...next.changed].map((one) => [one.key, one]));
    this.#waiting.unshift({ ...next, changed: [...changed.values()] });
    this.#options.onBuilt({ epoch: oldest.epoch, accounts: null, receipts: null });
  }

  async #work(): Promise<void> {
    this.#working = true;
    const { thread, onBuilt } = this.#options;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const run = this.#run, beginning = this.#beginning;
      this.#beginning = null;
      let built: TreeAnswers['epoch'] | null = null;
      try {
        if (beginning !== null) await thread.ask({ type: 'begin', accounts: beginning });
        built = await thread.ask({ type: 'epoch', ...next });
      } catch { /* the roots are left out: bytes alone are vouched for */ }
      if (run !== this.#run) continue;
      onBuilt(built ?? { epoch: next.epoch, accounts: null, receipts: null });
    }
    this.#working = false;
  }
}
