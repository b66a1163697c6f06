import {
  type Account,
  FieldAccounts,
  FieldEpoch,
  type FieldHash,
  type FieldPath,
  type Payment,
  type PlacedReceipts,
} from '../../feeds/ledger/mod.ts';

/** What goes to the thread that builds trees, as it is. */
export type TreeTask =
  /** The accounts from which it goes on: all of them. */
  | { type: 'begin'; accounts: readonly Account[] }
  /** An epoch's cut was folded; payments null: not known. */
  | {
    type: 'epoch';
    epoch: number;
    changed: readonly Account[];
    payments: readonly Payment[] | null;
  }
  /** One account's path, under all accounts as they stand now. */
  | { type: 'path'; accounts: readonly Account[]; key: string }
  /** What one executor was paid in an epoch, under all that was paid in it. */
  | { type: 'receipts'; epoch: number; payments: readonly Payment[]; key: string };

/** What it answers to each. */
export interface TreeAnswers {
  begin: null;
  epoch: { epoch: number; accounts: Uint8Array; receipts: Uint8Array | null };
  path: { root: Uint8Array; path: FieldPath | null };
  receipts: { root: Uint8Array; own: PlacedReceipts | null };
}

export type TreeAnswer = TreeAnswers[TreeTask['type']];

/** The Poseidon trees beside a ledger: the one over accounts is kept from cut to cut. */
export class Trees<E> {
  readonly #field: FieldHash<E>;
  readonly #accounts = new Map<string, Account>();
  #tree: FieldAccounts<E> | undefined;
  /** False: the tree is of other accounts, and good for its hashes alone. */
  #isOfThese = false;

  constructor(field: FieldHash<E>) {
    this.#field = field;
  }

  take(task: TreeTask): TreeAnswer {
    switch (task.type) {
      case 'begin':
        this.#accounts.clear();
        for (const account of task.accounts) this.#accounts.set(account.key, account);
        this.#isOfThese = false;
        return null;
      case 'epoch':
        return this.#epoch(task);
      case 'path': {
        const tree = new FieldAccounts(this.#field, task.accounts, this.#tree);
        return { root: tree.root(), path: tree.path(task.key) };
      }
      case 'receipts': {
        const tree = new FieldEpoch(this.#field, task.epoch, task.payments);
        return { root: tree.root(), own: tree.of(task.key) };
      }
    }
  }

  #epoch({ epoch, changed, payments }: TreeTask & { type: 'epoch' }): TreeAnswers['epoch'] {
    for (const account of changed) this.#accounts.set(account.key, account);
    if (this.#tree === undefined || !this.#isOfThese || changed.length > 0) {
      this.#tree = new FieldAccounts(this.#field, [...this.#accounts.values()], this.#tree);
      this.#isOfThese = true;
    }
    const receipts = payments && new FieldEpoch(this.#field, epoch, payments).root();
    return { epoch, accounts: this.#tree.root(), receipts };
  }
}
