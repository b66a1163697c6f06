import fc from 'fast-check';
import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  type Account,
  type AccountProof,
  AccountTree,
  checkAccount,
  ledgerRootOf,
  parseAccountProof,
  proveAccount,
} from '../../feeds/ledger/mod.ts';
import { accountOf, keyOf, NETWORK, PRICES, someAccount, TOTALS } from './accounts.ts';

const ledgerOf = (accounts: AccountTree | Iterable<Account>) => ({
  network: NETWORK,
  epoch: 12,
  accounts,
  totals: TOTALS,
  prices: PRICES,
});
const many = (count: number): Account[] =>
  Array.from({ length: count }, (_, n) => accountOf(keyOf(n), { available: n }));

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof NexusError ? error.code : `not coded: ${String(error)}`;
  }
  return 'none';
}

t.test('the root follows from the accounts alone, however they came', (t) => {
  const op = fc.tuple(fc.nat(40), someAccount);
  fc.assert(fc.property(fc.array(op, { maxLength: 60 }), fc.nat(59), (ops, look) => {
    const tree = new AccountTree();
    const last = new Map<string, Account>();
    for (const [i, [n, some]] of ops.entries()) {
      const account = accountOf(keyOf(n), some);
      tree.put(account);
      last.set(account.key, account);
      // What is looked at between changes must not stay as it was.
      if (i === look) tree.root();
    }
    const sorted = [...last.values()].sort((a, b) => a.key < b.key ? -1 : 1);
    const root = toHex(ledgerRootOf(ledgerOf(tree)));
    return tree.size === last.size && root === toHex(ledgerRootOf(ledgerOf(sorted))) &&
      root === toHex(ledgerRootOf(ledgerOf(sorted.reverse())));
  }));
  t.end();
});

t.test('everything in the state changes the root', (t) => {
  const base = ledgerOf(many(5));
  const roots = new Set([toHex(ledgerRootOf(base))]);
  let count = 1;
  const add = (changed: Parameters<typeof ledgerRootOf>[0]): void => {
    roots.add(toHex(ledgerRootOf(changed)));
    t.equal(roots.size, ++count);
  };
  add({ ...base, network: new Uint8Array(32).fill(8) });
  add({ ...base, epoch: 13 });
  add({ ...base, epoch: null });
  add({ ...base, epoch: 0 });
  add({ ...base, accounts: many(6) });
  add({ ...base, accounts: [] });
  for (const name of Object.keys(TOTALS)) add({ ...base, totals: { ...TOTALS, [name]: 99 } });
  add({ ...base, prices: PRICES.slice(1) });
  add({ ...base, prices: PRICES.map((price) => ({ ...price, level: 7 })) });
  const first = many(5)[0]!;
  const others: Partial<Account> = {
    status: 'banned',
    unbonding: [{ amount: 1, cut: 2 }],
    secret: keyOf(9),
    key: keyOf(77),
  };
  for (const [name, value] of Object.entries(first)) {
    const other = name in others ? others[name as keyof Account] : Number(value) + 1;
    add({ ...base, accounts: [{ ...first, [name]: other }, ...many(5).slice(1)] });
  }
  t.equal(
    toHex(ledgerRootOf({ ...base, prices: PRICES.toReversed() })),
    toHex(ledgerRootOf(base)),
    'the order of prices does not matter',
  );
  t.equal(
    codeOf(() => ledgerRootOf({ ...base, totals: { ...TOTALS, owed: -1 } })),
    'RECORD_BAD_FIELD',
  );
  t.end();
});

t.test('every account is proven, and a stranger is not', (t) => {
  for (const count of [1, 2, 3, 17, 200]) {
    const accounts = many(count);
    const tree = new AccountTree(accounts);
    const root = ledgerRootOf(ledgerOf(tree));
    for (const account of accounts) {
      const text = JSON.stringify(proveAccount(ledgerOf(tree), account));
      const shown = checkAccount(parseAccountProof(text), root);
      t.same(shown, { root, account, epoch: 12, network: toHex(NETWORK) });
    }
    const stranger = accountOf(keyOf(count));
    t.equal(codeOf(() => proveAccount(ledgerOf(tree), stranger)), 'ACCOUNT_UNKNOWN');
  }
  t.end();
});

const proven = (() => {
  const some: Partial<Account> = { unbonding: [{ amount: 5, cut: 60 }], secret: keyOf(3) };
  const accounts = [...many(9), accountOf(keyOf(500), some)];
  const proof = proveAccount(ledgerOf(accounts), accounts[9]!);
  return { proof, text: JSON.stringify(proof), root: ledgerRootOf(ledgerOf(accounts)) };
})();

t.test('one flipped bit anywhere in the file is refused', (t) => {
  const bytes = new TextEncoder().encode(proven.text);
  const taken: number[] = [];
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const code = codeOf(() =>
      checkAccount(parseAccountProof(new TextDecoder().decode(bytes)), proven.root)
    );
    if (!['ACCOUNT_PROOF_BAD', 'ACCOUNT_PROOF_ROOT'].includes(code)) taken.push(bit);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  t.same(taken, []);
  t.end();
});

t.test('hostile files are refused with a code', (t) => {
  const { proof } = proven;
  const files: unknown[] = [
    null,
    [],
    'x',
    {},
    { ...proof, format: 'nexus-account-proof/2' },
    { ...proof, more: 1 },
    { ...proof, epoch: -1 },
    { ...proof, epoch: 1.5 },
    { ...proof, path: Array(257).fill(proof.path[0]) },
    { ...proof, path: [{ bit: 256, sibling: proof.rest }] },
    { ...proof, path: proof.path.toReversed() },
    { ...proof, path: [...proof.path, proof.path.at(-1)] },
    { ...proof, account: { ...proof.account, available: -1 } },
    { ...proof, account: { ...proof.account, available: 2 ** 53 } },
    { ...proof, account: { ...proof.account, available: '1' } },
    { ...proof, account: { ...proof.account, key: proof.account.key.toUpperCase() } },
    { ...proof, account: { ...proof.account, status: 'rich' } },
    { ...proof, account: { ...proof.account, unbonding: {} } },
    { ...proof, account: { ...proof.account, unbonding: Array(5000).fill({ amount: 1, cut: 1 }) } },
  ];
  for (const file of files) {
    const code = codeOf(() => checkAccount(parseAccountProof(JSON.stringify(file))));
    t.equal(code, 'ACCOUNT_PROOF_BAD', JSON.stringify(file)?.slice(0, 60));
  }
  for (const text of ['', '{', ' '.repeat(2 ** 20 + 1), '[['.repeat(10_000)]) {
    t.equal(codeOf(() => parseAccountProof(text)), 'ACCOUNT_PROOF_BAD');
  }
  fc.assert(fc.property(fc.json({ maxDepth: 4 }), (text) => {
    return codeOf(() => checkAccount(parseAccountProof(text))) === 'ACCOUNT_PROOF_BAD';
  }));
  fc.assert(fc.property(fc.string(), (text) => {
    return codeOf(() => parseAccountProof(text)) === 'ACCOUNT_PROOF_BAD';
  }));
  t.end();
});

t.test('a path of another account, epoch or network leads to another root', (t) => {
  const accounts = many(9);
  const ledger = ledgerOf(accounts);
  const root = ledgerRootOf(ledger);
  const [one, two] = [0, 1].map((n) => proveAccount(ledger, accounts[n]!)) as [
    AccountProof,
    AccountProof,
  ];
  const against = (proof: AccountProof) => codeOf(() => checkAccount(proof, root));
  t.equal(against(one), 'none');
  t.equal(against({ ...one, path: two.path }), 'ACCOUNT_PROOF_ROOT');
  t.equal(against({ ...one, path: one.path.slice(1) }), 'ACCOUNT_PROOF_ROOT');
  t.equal(against({ ...one, path: [] }), 'ACCOUNT_PROOF_ROOT');
  t.equal(against({ ...one, epoch: 11 }), 'ACCOUNT_PROOF_ROOT');
  t.equal(against({ ...one, epoch: null }), 'ACCOUNT_PROOF_ROOT');
  t.equal(against({ ...one, network: keyOf(1) }), 'ACCOUNT_PROOF_ROOT');
  t.equal(against({ ...one, account: { ...one.account, available: 99 } }), 'ACCOUNT_PROOF_ROOT');
  t.end();
});
