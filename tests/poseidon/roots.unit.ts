import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import {
  type Account,
  FieldAccounts,
  fieldReceipts,
  type Payment,
} from '../../feeds/ledger/mod.ts';
import { fieldRoot, receiptsLeaf } from '../../feeds/ledger/mod.ts';
import { FieldRoots, type TreeAnswers, Trees, type TreeTask } from '../../node/poseidon/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { accountOf, keyOf } from '../ledger/accounts.ts';

const field = await loadPoseidon();

const paid = (n: number, executor: number, epoch: number): Payment => ({
  job: keyOf(n),
  attempt: 0,
  requester: keyOf(1),
  executor: keyOf(executor),
  profile: keyOf(3),
  promptTokens: 1,
  tokens: 1,
  gross: 11,
  fee: 1,
  net: 10 + n,
  epoch,
  free: 44,
});

/** Answers when it is told to. */
class SlowThread {
  readonly trees = new Trees(field);
  #held: (() => void)[] = [];

  ask<T extends TreeTask>(task: T): Promise<TreeAnswers[T['type']]> {
    if (task.type === 'begin') {
      return Promise.resolve(this.trees.take(task) as TreeAnswers[T['type']]);
    }
    return new Promise((resolve) =>
      this.#held.push(() => resolve(this.trees.take(task) as TreeAnswers[T['type']]))
    );
  }

  /** Lets the oldest task through, and what follows from it. */
  async answer(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#held.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }

  [Symbol.dispose](): void {}
}

function start() {
  const built: { epoch: number; accounts: string | null; receipts: string | null }[] = [];
  const hex = (bytes: Uint8Array | null) => bytes && toHex(bytes);
  const thread = new SlowThread();
  const roots = new FieldRoots({
    thread,
    onBuilt: ({ epoch, accounts, receipts }) =>
      built.push({ epoch, accounts: hex(accounts), receipts: hex(receipts) }),
  });
  return { built, thread, roots };
}

const rootOf = (accounts: Account[]) => toHex(new FieldAccounts(field, accounts).root());

t.test('the roots of each epoch are those of the whole, though only changes are told', async (t) => {
  const { built, thread, roots } = start();
  const first = [0, 1, 2].map((n) => accountOf(keyOf(n), { available: n }));
  const changed = { ...first[1]!, bonded: 5 };
  roots.begin(first);
  roots.folded(0, [], []);
  roots.folded(1, [changed], [paid(1, 4, 1), paid(2, 5, 1), paid(3, 4, 0)]);
  roots.folded(2, [], null);
  await thread.answer();
  await thread.answer();
  await thread.answer();
  const [zero, one, two] = built;
  t.same(zero, { epoch: 0, accounts: rootOf(first), receipts: '0'.repeat(64) });
  t.equal(one!.accounts, rootOf([first[0]!, changed, first[2]!]));
  t.same(two, { epoch: 2, accounts: one!.accounts, receipts: null });

  const own = thread.trees.take({
    type: 'receipts',
    epoch: 1,
    payments: [paid(1, 4, 1), paid(2, 5, 1), paid(3, 4, 0)],
    key: keyOf(5),
  }) as TreeAnswers['receipts'];
  t.equal(toHex(own.root), one!.receipts);
  t.equal(own.own!.total, 12);
  t.same(own.own!.root, fieldReceipts(field, keyOf(5), 1, [paid(2, 5, 1)]).root);
  const leaf = receiptsLeaf(field, keyOf(5), own.own!.root);
  t.equal(toHex(fieldRoot(field, leaf, own.own!)!), one!.receipts, 'its path leads to the root');
  t.equal(fieldRoot(field, leaf, { ...own.own!, index: 2 }), null, 'no place of so small a tree');
});

t.test('epochs that come faster than they are built are left out, and nothing of them is lost', async (t) => {
  const { built, thread, roots } = start();
  const accounts = Array.from({ length: 12 }, (_, n) => accountOf(keyOf(n)));
  roots.begin([]);
  accounts.forEach((account, epoch) => roots.folded(epoch, [account], []));
  t.same(built.map(({ epoch, accounts }) => [epoch, accounts]), [[1, null], [2, null], [3, null]]);
  for (let i = 0; i < 9; i++) await thread.answer();
  t.equal(built.length, 12);
  t.same(built.at(-1)!.accounts, rootOf(accounts));
});

t.test('what was built of cuts that are read anew is dropped; without a thread there are no roots', async (t) => {
  const { built, thread, roots } = start();
  roots.begin([]);
  roots.folded(0, [accountOf(keyOf(1))], []);
  roots.begin([]);
  roots.folded(0, [accountOf(keyOf(2))], []);
  await thread.answer();
  await thread.answer();
  t.same(built.map(({ accounts }) => accounts), [rootOf([accountOf(keyOf(2))])]);

  const without: unknown[] = [];
  const dead = new FieldRoots({
    thread: { ask: () => Promise.reject(new Error('stopped')), [Symbol.dispose]() {} },
    onBuilt: (one) => without.push(one),
  });
  dead.begin([]);
  dead.folded(3, [], []);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(without, [{ epoch: 3, accounts: null, receipts: null }]);
});

/** Busy for those of its tasks, by their number, that are named. */
function busyThread(...busy: number[]) {
  const trees = new Trees(field);
  let asked = 0;
  return {
    ask<T extends TreeTask>(task: T): Promise<TreeAnswers[T['type']]> {
      if (busy.includes(asked++)) return Promise.reject(new Error('busy'));
      return Promise.resolve(trees.take(task) as TreeAnswers[T['type']]);
    },
    [Symbol.dispose]() {},
  };
}

t.test('an epoch that could not be built is left out, and the next ones are right all the same', async (t) => {
  const first = [0, 1, 2].map((n) => accountOf(keyOf(n)));
  const one = { ...first[1]!, bonded: 5 }, again = { ...one, bonded: 6 };
  const two = { ...first[2]!, bonded: 7 };
  const all = [
    rootOf(first),
    rootOf([first[0]!, one, first[2]!]),
    rootOf([first[0]!, again, two]),
    rootOf([first[0]!, again, two]),
  ];
  // The tasks are: begin, then epochs; one that fails is not asked again.
  for (const [busy, missing] of [[[0], [0]], [[0, 1], [0, 1]], [[2], [1]], [[1, 2], [0, 1]]]) {
    const built: (string | null)[] = [];
    const roots = new FieldRoots({
      thread: busyThread(...busy!),
      onBuilt: ({ accounts }) => built.push(accounts && toHex(accounts)),
    });
    roots.begin(first);
    roots.folded(0, [], []);
    roots.folded(1, [one], []);
    roots.folded(2, [two, again], []);
    roots.folded(3, [], []);
    await new Promise((resolve) => setImmediate(resolve));
    t.same(built, all.map((root, epoch) => missing!.includes(epoch) ? null : root), `${busy}`);
  }
});

t.test('accounts that are begun with anew have a root of their own, though none changes', (t) => {
  const trees = new Trees(field);
  const rootAfter = (accounts: Account[]) => {
    trees.take({ type: 'begin', accounts });
    const task = { type: 'epoch', epoch: 0, changed: [], payments: null } as const;
    return toHex((trees.take(task) as TreeAnswers['epoch']).accounts);
  };
  const accounts = [0, 1, 2].map((n) => accountOf(keyOf(n)));
  t.equal(rootAfter(accounts), rootOf(accounts));
  t.equal(rootAfter(accounts.slice(1)), rootOf(accounts.slice(1)));
  t.end();
});
