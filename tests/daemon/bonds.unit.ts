import t from 'tap';
import { NCU, toHex } from '../../feeds/base/mod.ts';
import type { Account, LedgerEvent, LedgerFindingCode } from '../../feeds/ledger/mod.ts';
import { NodeLedger, type PresentLedger } from '../../node/daemon/ledger.ts';
import { ledgerMethods } from '../../node/daemon/ledger_actions.ts';
import { BondsAhead } from '../../node/daemon/ledger_bonds.ts';
import type { NexusNode } from '../../node/daemon/node.ts';
import { defaultLedgerRules } from '../../node/network/mod.ts';
import { accountOf } from '../ledger/accounts.ts';

const bytes = (n: number) => new Uint8Array(32).fill(n);
const [ME, OTHER, MODEL] = [bytes(1), bytes(2), bytes(10)];
const KEY = toHex(ME);

const said = (type: 'bond' | 'unbond', index: number, account = KEY): LedgerEvent => {
  return { type, account, amount: 1, index };
};
const refused = (code: LedgerFindingCode, index: number, author = KEY): LedgerEvent => {
  return {
    type: 'finding',
    finding: { code, author, place: { core: '', index, cut: 8 }, detail: '' },
  };
};

/** A node whose account is as given, with a log that tells its entries when a test says so. */
function world(more: Partial<Account>) {
  let now = 0, index = 0;
  const ledger = new NodeLedger({
    terms: {
      rules: defaultLedgerRules(),
      genesis: [],
      coefficients: [{ profile: MODEL, prompt: 60, output: 600 }],
    },
    me: ME,
    rules: { maxPrice: 1e9, epochMs: 3000 },
    tick: () => now,
  });
  const account = accountOf(KEY, more);
  const fold: Partial<PresentLedger> = {
    epoch: 7,
    account: (key) => key === KEY ? account : null,
    quote: () => ({ has: account.available, credit: 0 }),
    priceOf: () => null,
  };
  ledger.settled(fold as PresentLedger);
  ledger.took([], 7);
  now += 1e6;
  const log = { append: () => Promise.resolve({ index: index++, length: index }) };
  const methods = ledgerMethods({
    key: KEY,
    options: { network: { id: bytes(3), name: 'test', file: { ledger: {} } } },
    money: { ledger, ledgering: {} },
    ledgerRows: {},
    logs: { append: () => log.append() },
    foldingNote: null,
  } as unknown as NexusNode);
  const call = (name: 'bond' | 'unbond', amount: number) =>
    methods[name]!({ amount }, new AbortController().signal) as Promise<{ index: number }>;
  return { ledger, account, log, call };
}

const job = {
  job: bytes(77),
  attempt: 0,
  requester: ME,
  profile: MODEL,
  priceCap: 600,
  promptTokens: 100,
  resumeAt: 0,
  maxTokens: 4096,
  offer: null,
};

t.test('what is logged for a bond is spent before a cut says so', async (t) => {
  const { ledger, account, call } = world({ available: 5 * NCU });
  t.equal(ledger.ownPurse.refuse(job), null);
  t.match(await call('bond', 3 * NCU), { index: 0 });
  t.equal(ledger.freeOf(KEY), 2 * NCU);
  t.match(ledger.fundsOf(KEY), { has: 5 * NCU, held: 3 * NCU });
  await t.rejects(call('bond', 3 * NCU), { code: 'NCU_SHORT', message: /: 2 NCU are there/ });
  t.match(await call('bond', 2 * NCU), { index: 1 });
  t.match(ledger.ownPurse.refuse(job), { code: 'NCU_SHORT', message: /5 NCU are set aside for/ });

  account.available = 2 * NCU;
  ledger.took([said('bond', 0)], 8);
  t.match(ledger.fundsOf(KEY), { has: 2 * NCU, held: 2 * NCU }, 'that one stands in the ledger');
  ledger.took([refused('bond-amount', 1)], 9);
  t.match(ledger.fundsOf(KEY), { has: 2 * NCU, held: 0 }, 'what was refused is there again');
  t.match(await call('bond', 2 * NCU), { index: 2 });
});

t.test('entries that are being written count, those that were not written do not', async (t) => {
  const { ledger, log, call } = world({ available: 5 * NCU });
  const both = await Promise.allSettled([call('bond', 4 * NCU), call('bond', 4 * NCU)]);
  t.same(both.map(({ status }) => status), ['fulfilled', 'rejected']);
  ledger.took([said('bond', 0)], 8);
  log.append = () => Promise.reject(new Error('no log'));
  await t.rejects(call('bond', 5 * NCU), { message: 'no log' });
  t.equal(ledger.freeOf(KEY), 5 * NCU);
});

t.test('what is asked back is not asked back once more', async (t) => {
  const { ledger, call } = world({ available: 5 * NCU, bonded: 4 * NCU });
  await call('unbond', 3 * NCU);
  t.equal(ledger.bondOf(KEY), NCU);
  t.equal(ledger.freeOf(KEY), 5 * NCU, 'it is not free for that');
  await t.rejects(call('unbond', 2 * NCU), { code: 'NCU_SHORT', message: /: 1 NCU are bonded/ });
  ledger.took([refused('unbond-challenged', 0)], 8);
  t.equal(ledger.bondOf(KEY), 4 * NCU);
});

t.test('a cut is about entries up to the one that it names, and about nobody else', async (t) => {
  const ahead = new BondsAhead(KEY);
  const add = (index: number) => ahead.add('bond', 1, () => Promise.resolve({ index }));
  for (const index of [4, 6, 9]) await add(index);
  const other = toHex(OTHER);
  ahead.took([
    said('bond', 20, other),
    refused('bond-amount', 20, other),
    refused('job-unfunded', 20),
  ]);
  t.equal(ahead.of('bond'), 3);
  ahead.took([said('bond', 6)]);
  t.equal(ahead.of('bond'), 1);
  await add(5);
  t.equal(ahead.of('bond'), 1, 'a cut may be there before its writer hears that it is written');
});
