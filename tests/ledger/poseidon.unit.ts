import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import {
  type Account,
  ACCOUNT_DEPTH,
  FieldAccounts,
  fieldReceipts,
  type Payment,
  receiptElements,
  RECEIPTS_PER_BATCH,
} from '../../feeds/ledger/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { rootFrom } from '../../node/payloads/topk.ts';
import { accountOf, keyOf } from './accounts.ts';

const field = await loadPoseidon();
const many = (count: number): Account[] =>
  Array.from({ length: count }, (_, n) => accountOf(keyOf(n), { available: n, secret: SECRET }));
/** Poseidon(1). */
const SECRET = '29176100eaa962bdc1fe6c654d6a3c130e96a4d1168b33848b897dc502820133';

const paid = (n: number, some: Partial<Payment> = {}): Payment => ({
  job: keyOf(n >> 1),
  attempt: n & 1,
  requester: keyOf(1),
  executor: keyOf(2),
  profile: keyOf(3),
  promptTokens: 1,
  tokens: 1,
  gross: 11,
  fee: 1,
  net: 10 + n,
  epoch: 4,
  free: 44,
  ...some,
});

t.test('the hash is that of circomlib', (t) => {
  const decimal = (inputs: bigint[]) => BigInt(`0x${toHex(field.toBytes(field.hash(inputs)))}`);
  t.equal(
    decimal([1n, 2n]),
    7853200120776062878684798364095072458815029376092732009249414926327459813530n,
  );
  t.equal(toHex(field.toBytes(field.hash([1n]))), SECRET);
  t.end();
});

t.test('the roots are those of the vectors', (t) => {
  t.equal(
    toHex(new FieldAccounts(field, []).root()),
    '2134e76ac5d21aab186c2be1dd8f84ee880a1e46eaf712f9d371b6df22191f3e',
  );
  t.equal(
    toHex(new FieldAccounts(field, many(3)).root()),
    '193737e0526adcbc560ec2651302b3777e5525d9ca2fb31891707c764a007fa2',
  );
  t.equal(
    toHex(fieldReceipts(field, keyOf(2), 4, []).root),
    '0f04ded83ee56f241e1e0eb41fff8353550762aafb376092908632e39ab80538',
  );
  const two = fieldReceipts(field, keyOf(2), 4, [paid(0), paid(1)]);
  t.equal(toHex(two.root), '02b2cb0d5e1a4e8b224f1a6e07dc4b2e3c49e80cc78ae7273952d6e51bfe0941');
  t.equal(two.total, 21);
  t.end();
});

t.test('a path of every account leads to the root, in whatever order they came', (t) => {
  const accounts = many(5);
  const tree = new FieldAccounts(field, accounts);
  const root = toHex(tree.root());
  t.equal(toHex(new FieldAccounts(field, accounts.toReversed()).root()), root);
  for (const { key } of accounts) {
    const { index, leaf, siblings } = tree.path(key)!;
    t.equal(siblings.length, ACCOUNT_DEPTH);
    t.equal(toHex(rootFrom(field, field.hash(leaf), siblings, index)!), root);
  }
  t.equal(tree.path(keyOf(99)), null);
  t.end();
});

t.test('what is taken from the tree before changes nothing', (t) => {
  let hashes = 0;
  const counting = {
    ...field,
    hash: (inputs: Parameters<typeof field.hash>[0]) => {
      hashes++;
      return field.hash(inputs);
    },
  };
  let accounts = many(40).filter((_, n) => n !== 7);
  let before = new FieldAccounts(counting, accounts);
  const changes: Account[][] = [
    accounts,
    accounts.map((one, n) => n === 11 ? { ...one, bonded: 5 } : one),
    many(40),
    many(41).slice(1),
  ];
  for (const changed of changes) {
    accounts = changed;
    hashes = 0;
    before = new FieldAccounts(counting, accounts, before);
    t.equal(toHex(before.root()), toHex(new FieldAccounts(field, accounts).root()));
    if (changed === changes[0]) t.equal(hashes, 0, 'nothing has changed');
    if (changed === changes[1]) t.equal(hashes, 1 + ACCOUNT_DEPTH, 'one leaf and its path');
  }
  t.end();
});

t.test('all that a circuit speaks of is in the leaf', (t) => {
  const base = many(2);
  const rootOf = (some: Partial<Account>) =>
    toHex(new FieldAccounts(field, [{ ...base[0]!, ...some }, base[1]!]).root());
  const roots = [
    rootOf({}),
    rootOf({ secret: null }),
    rootOf({ reputation: 1 }),
    rootOf({ bonded: 1 }),
    rootOf({ available: 1 }),
    rootOf({ owed: 1 }),
    rootOf({ key: base[0]!.key.replace(/^../, '00') }),
    rootOf({ key: base[0]!.key.replace(/..$/, '00') }),
  ];
  t.equal(new Set(roots).size, roots.length);
  t.equal(rootOf({ secret: 'f'.repeat(64) }), rootOf({ secret: null }), 'no element, no secret');
  t.end();
});

t.test('receipts are those of one executor and epoch, in one order', (t) => {
  const own = Array.from({ length: RECEIPTS_PER_BATCH + 3 }, (_, n) => paid(n));
  const foreign = [paid(90, { executor: keyOf(5) }), paid(91, { epoch: 5 })];
  const of = (payments: Payment[]) => fieldReceipts(field, keyOf(2), 4, payments);
  const all = of([...own, ...foreign]);
  t.same(of([...foreign, ...own.toReversed()]), all);
  t.equal(all.batches.length, 2);
  t.equal(all.total, own.reduce((sum, { net }) => sum + net, 0));
  const shown = all.batches.flatMap(({ receipts }) => receipts).map(([amount]) => amount);
  t.equal(shown.reduce((sum, amount) => sum + amount, 0n), BigInt(all.total));
  const pair = field.hash(all.batches.map(({ root }) => field.fromBytes(root)!));
  t.equal(toHex(field.toBytes(pair)), toHex(all.root), 'batches can be shown one by one');
  t.not(toHex(of(own.slice(1)).root), toHex(all.root));
  t.notSame(receiptElements(paid(0))[1], receiptElements(paid(1))[1], 'attempts differ');
  t.end();
});
