import t from 'tap';
import { ledgerSaid } from '../../node/cli/log_ledger.ts';
import type { Account, LedgerEvent, LedgerView, Payment, Slash } from '../../feeds/ledger/mod.ts';
import {
  type LedgerContext,
  LedgerMemory,
  ledgerRows,
  tellLedger,
} from '../../node/auditor/mod.ts';
import { accountOf } from '../ledger/accounts.ts';

const ME = 'aa'.repeat(32), OTHER = 'bb'.repeat(32), CHEAT = 'cc'.repeat(32);
const JOB = '01'.repeat(32), PROFILE = '5e'.repeat(32);

const account = (key: string, fields: Partial<Account> = {}) =>
  accountOf(key, { available: 10, reputation: 250_000, ...fields });

const payment: Payment = {
  job: JOB,
  attempt: 0,
  requester: OTHER,
  executor: ME,
  profile: PROFILE,
  promptTokens: 3,
  tokens: 7,
  gross: 100,
  fee: 10,
  net: 90,
  epoch: 4,
  free: 9,
};

const slash: Slash = {
  epoch: 5,
  offender: CHEAT,
  cause: 'lifetime',
  gain: 10,
  n: 4,
  amount: 40,
  forfeited: 5,
  refunds: [
    { client: OTHER, job: JOB, attempt: 0, amount: 3 },
    { client: ME, job: PROFILE, attempt: 1, amount: 7 },
    { client: OTHER, job: PROFILE, attempt: 0, amount: 1 },
  ],
  finders: [{ auditor: OTHER, amount: 9 }],
  burned: 25,
  subjects: [JOB],
  evidence: [{ core: OTHER, index: 1, cut: 4 }],
};

const price = { profile: PROFILE, prompt: 4, output: 100, level: 1_050_000, utilisation: 700_000 };

function view(fields: Partial<LedgerView> = {}): LedgerView {
  const sums = { available: 1, pending: 2, escrow: 3, bonded: 4, owed: 5 };
  return {
    epoch: 5,
    root: JOB,
    certified: null,
    differs: null,
    fields: [],
    electorate: { since: 0, seats: [{ key: OTHER, weight: 2 }], coming: null },
    totals: { ...sums, burned: 6, grants: 7, emission: 8 },
    accounts: [
      account(OTHER, { available: 99 }),
      account(ME),
      account(CHEAT, { status: 'banned' }),
    ],
    prices: [price],
    epochs: [],
    slashes: [slash],
    findings: [],
    findingCount: 3,
    ...fields,
  };
}

function context(memory = new LedgerMemory(ME, [PROFILE])): LedgerContext {
  return {
    me: ME,
    credit: 2,
    exposure: { unsettled: 8, cap: 6, n: 4 },
    auditRate: 0.5,
    memory,
    coefficients: [],
    epochMs: 1000,
    cutAt: 123,
    modelOf: (profile) => profile === PROFILE ? 'austen' : null,
    note: null,
  };
}

t.test('what the witnesses do not vouch for is noted and told', (t) => {
  const note = (fields: Partial<LedgerView>, known: string | null = null) =>
    ledgerRows(view(fields), { ...context(), note: known }).note;
  const differs = { epoch: 4, root: JOB, certified: OTHER };
  t.equal(note({}), null);
  t.match(
    note({ differs }, 'a cut is missing'),
    /from cut 4 on .* another root .*not the network's/,
  );
  const certified = { epoch: 9, root: JOB, accounts: null, receipts: null };
  t.equal(note({ epoch: 25, certified }), null);
  t.match(note({ epoch: 26, certified }), /no root after cut 9, 17 cuts ago/);
  t.equal(note({ epoch: 26, certified }, 'a cut is missing'), 'a cut is missing');
  t.match(note({ epoch: 16 }), /no root yet, 17 cuts on/);
  t.same(ledgerRows(view({ differs }), context()).differs, differs);
  t.same(tellLedger([{ type: 'differs', ...differs }], ME, 6), [
    { event: 'root-differs', fields: differs, concerns: true },
  ]);
  const at = 1;
  t.match(ledgerSaid({ event: 'root-differs', at, ...differs }, ME), [
    'error',
    /not the network's/,
  ]);
  t.end();
});

t.test('rows of a ledger: shares of one, the own account first, then who is banned', (t) => {
  const unbonding = [{ amount: 4, cut: 9 }, { amount: 5, cut: 10 }];
  const own = account(ME, { unbonding, bonded: 20 });
  const rows = ledgerRows(view({ accounts: [account(OTHER), own, account(CHEAT)] }), context());
  t.match(rows.own, { unbonding: 9, unbonds: unbonding, reputation: 0.25, rate: 0.5, credit: 2 });
  t.match(rows.own, { unsettled: 8, cap: 6, n: 4 });
  t.match(rows.prices, [{ model: 'austen', level: 1.05, utilisation: 0.7, history: [] }]);
  const order = ledgerRows(view(), context()).accounts.map(({ key }) => key);
  t.same(order, [ME, CHEAT, OTHER]);
  t.notOk('secret' in rows.accounts[0]! || 'status' in rows.accounts[0]!);
  t.match(rows.slashes, [{ refunded: 11, clients: 2, refunds: [{ amount: 7 }, {}, {}] }]);
  t.equal(ledgerRows(view({ accounts: [] }), context()).own, null);
  t.end();
});

t.test('of much, what matters is shown, and how much there is', (t) => {
  const key = (i: number) => i.toString(16).padStart(64, '0');
  const all = Array.from({ length: 2000 }, (_, i) => account(key(i), { available: i }));
  const refunds = all.map(({ key }) => ({ client: key, job: JOB, attempt: 0, amount: 1 }));
  const rows = ledgerRows(
    view({
      accounts: [...all, account(ME, { available: 0 })],
      slashes: Array.from({ length: 200 }, (_, epoch) => ({ ...slash, epoch, refunds })),
    }),
    context(),
  );
  t.equal(rows.accountCount, 2001);
  t.equal(rows.accounts.length, 256);
  t.same(rows.accounts.slice(0, 2).map(({ key }) => key), [ME, key(1999)]);
  t.match(rows.slashes.at(-1), { epoch: 199, refunded: 2000, clients: 2000 });
  t.equal(rows.slashes[0]!.refunds.length, 32);
  t.ok(JSON.stringify(rows).length < 1e6);
  t.end();
});

t.test('what the ledger does not keep is remembered, cut by cut', (t) => {
  const memory = new LedgerMemory(ME, [PROFILE]);
  const events: LedgerEvent[] = [
    { type: 'payment', payment },
    { type: 'payment', payment: { ...payment, requester: ME, executor: OTHER } },
    { type: 'payment', payment: { ...payment, requester: CHEAT, executor: OTHER } },
    { type: 'reward', account: ME, amount: 5, role: 'auditor' },
    { type: 'reward', account: OTHER, amount: 500, role: 'auditor' },
    { type: 'fine', account: ME, amount: 2 },
    { type: 'slash', slash },
  ];
  memory.take(events, { epoch: 4, priceOf: () => price });
  memory.take([], { epoch: 5, priceOf: () => ({ ...price, output: 105 }) });
  t.same(memory.earnings, [
    { epoch: 4, paid: 90, rewards: 3, spent: 93 },
    { epoch: 5, paid: 0, rewards: 0, spent: 0 },
  ]);
  const rows = ledgerRows(view(), context(memory));
  t.match(rows.payments, [{ executor: ME, model: 'austen' }, { requester: ME }]);
  t.equal(rows.payments.length, 2);
  t.same(rows.prices[0]!.history, [{ epoch: 4, output: 100 }, { epoch: 5, output: 105 }]);

  const again = new LedgerMemory(ME, [PROFILE], JSON.parse(JSON.stringify(memory.state())));
  for (const one of [memory, again]) {
    for (let epoch = 6; epoch < 200; epoch++) {
      one.take([{ type: 'payment', payment }], { epoch, priceOf: () => price });
    }
  }
  t.same(again.state(), memory.state(), 'it goes on from what was kept');
  t.equal(memory.earnings.length, 64);
  t.equal(memory.payments.length, 64);
  t.match(memory.pricesOf(PROFILE).at(-1), { epoch: 199 });
  t.end();
});

t.test('a prompt token costs its share of what one of output does, however little', (t) => {
  const profile = new Uint8Array(32).fill(0x5e);
  const small = view({ prices: [{ ...price, prompt: 0, output: 2 }] });
  const shown = (coefficients: LedgerContext['coefficients']) =>
    ledgerRows(small, { ...context(), coefficients }).prices[0]!.prompt;
  t.equal(shown([{ profile, prompt: 1, output: 3 }]), 0.667);
  t.equal(shown([{ profile, prompt: 3, output: 2 }]), 3);
  t.equal(shown([{ profile, prompt: 1, output: 0 }]), 0, 'what earns nothing');
  t.equal(shown([]), 0, 'as the fold tells it');
  t.end();
});

t.test('slashes are told to all, money to those whose it is', (t) => {
  const told = tellLedger(
    [
      { type: 'slash', slash },
      { type: 'payment', payment },
      { type: 'payment', payment: { ...payment, executor: CHEAT } },
      { type: 'bond', account: ME, amount: 3, index: 0 },
      { type: 'unbond', account: ME, amount: 2, index: 1 },
      { type: 'unbonded', account: ME, amount: 2 },
      { type: 'bond', account: OTHER, amount: 3, index: 0 },
      { type: 'fine', account: ME, amount: 1 },
    ],
    ME,
    5,
  );
  t.same(told.map(({ event, concerns }) => [event, concerns]), [
    ['slashed', false],
    ['refunded', true],
    ['payment', true],
    ['bonded', true],
    ['unbonding', true],
    ['unbonded', true],
    ['fined', true],
  ]);
  t.match(told[0]!.fields, { offender: CHEAT, refunded: 11, clients: 2, burned: 25, epoch: 5 });
  t.match(told[1]!.fields, { job: PROFILE, attempt: 1, amount: 7, executor: CHEAT, epoch: 5 });
  t.match(told[2]!.fields, { earned: true, net: 90 });
  t.equal(tellLedger([{ type: 'slash', slash }], CHEAT, 5)[0]!.concerns, true);
  t.end();
});
