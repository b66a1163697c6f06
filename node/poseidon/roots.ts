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

/** Cuts that are read on from one place. */
interface Run {
  /** The accounts that the thread has yet to begin with; null: it has. */
  beginning: readonly Account[] | null;
  /** Accounts that changed in epochs that were not built: they count with the next. */
  missed: readonly Account[];
}

/** Poseidon roots of each epoch, built beside the fold, which never waits for them. */
export class FieldRoots {
  readonly #options: FieldRootsOptions;
  #waiting: Waiting[] = [];
  /** Of the cuts that are read now: what was built in one before is of no use. */
  #run: Run = { beginning: null, missed: [] };
  #working = false;

  constructor(options: FieldRootsOptions) {
    this.#options = options;
  }

  /** The cuts are read on from here. @param accounts all of them */
  begin(accounts: readonly Account[]): void {
    this.#waiting = [];
    this.#run = { beginning: accounts, missed: [] };
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
    this.#waiting.unshift({ ...next, changed: merged(oldest.changed, next.changed) });
    this.#options.onBuilt({ epoch: oldest.epoch, accounts: null, receipts: null });
  }

  async #work(): Promise<void> {
    this.#working = true;
    const { thread, onBuilt } = this.#options;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const run = this.#run;
      const changed = merged(run.missed, next.changed);
      run.missed = changed;
      let built: TreeAnswers['epoch'] | null = null;
      try {
        if (run.beginning !== null) {
          await thread.ask({ type: 'begin', accounts: run.beginning });
          run.beginning = null;
        }
        built = await thread.ask({ type: 'epoch', ...next, changed });
        run.missed = [];
      } catch { /* the roots are left out: bytes alone are vouched for */ }
      if (run !== this.#run) continue;
      onBuilt(built ?? { epoch: next.epoch, accounts: null, receipts: null });
    }
    this.#working = false;
  }
}

/** The newer state of each account counts. */
function merged(older: readonly Account[], newer: readonly Account[]): readonly Account[] {
  if (older.length === 0) return newer;
  return [...new Map([...older, ...newer].map((one) => [one.key, one])).values()];
}
