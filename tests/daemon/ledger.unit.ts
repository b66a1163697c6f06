import t from 'tap';
import { NCU, toHex } from '../../feeds/base/mod.ts';
import type { Account, LedgerEvent, LedgerTerms, Payment } from '../../feeds/ledger/mod.ts';
import { NodeLedger, type PresentLedger } from '../../node/daemon/ledger.ts';
import { Holds } from '../../node/daemon/ledger_holds.ts';
import { LowBalance } from '../../node/daemon/ledger_low.ts';
import { RecentEvents } from '../../node/daemon/ledger_recent.ts';
import { defaultLedgerRules } from '../../node/network/ledger.ts';
import type { Spending } from '../../node/job/purse.ts';
import { accountOf } from '../ledger/accounts.ts';

const bytes = (n: number) => new Uint8Array(32).fill(n);
const [ME, RICH, POOR, NEW] = [bytes(1), bytes(2), bytes(3), bytes(4)];
const [MODEL, OTHER] = [bytes(10), bytes(11)];

const TERMS: LedgerTerms = {
  rules: { ...defaultLedgerRules(), grant: 50 * NCU, askBand: 250_000, settleCuts: 4 },
  genesis: [{ key: RICH, amount: 9 * NCU }],
  coefficients: [{ profile: MODEL, prompt: 500, output: 1000 }],
};

const account = (key: Uint8Array, more: Partial<Account> = {}) => accountOf(toHex(key), more);

/** The ledger with these accounts. */
function folded(accounts: Account[], more: Partial<PresentLedger> = {}): PresentLedger {
  const of = (key: string) => accounts.find((one) => one.key === key) ?? null;
  return {
    epoch: 7,
    root: bytes(0),
    changed: [],
    account: of,
    priceOf: () => null,
    quote: (key) => ({ has: of(key)?.available ?? 0, credit: 0 }),
    exposure: () => ({ unsettled: 0, cap: 1, covered: true, n: 4 }),
    view: () => {
      throw new Error('not asked for');
    },
    prove: () => {
      throw new Error('not asked for');
    },
    ...more,
  };
}

function world() {
  let now = 0;
  const rules = { maxPrice: 1_000_000, epochMs: 3000 };
  const ledger = new NodeLedger({ terms: TERMS, me: ME, rules, tick: () => now });
  return {
    ledger,
    /** Cuts come no faster than epochs do. */
    calm: () => {
      ledger.took([], 7);
      now += 5000;
    },
  };
}

/** 100 prompt tokens and 100 of output at 1,000 cost 150,000. */
function spending(requester: Uint8Array, more: Partial<Spending> = {}): Spending {
  return {
    job: bytes(77),
    attempt: 0,
    requester,
    profile: MODEL,
    priceCap: 1000,
    promptTokens: 100,
    resumeAt: 0,
    maxTokens: 100,
    offer: bytes(99),
    ...more,
  };
}

t.test('before any cut everybody has what they begin with', (t) => {
  const { ledger } = world();
  t.match(ledger.fundsOf(toHex(RICH)), { has: 9 * NCU, credit: 0, held: 0 });
  t.match(ledger.fundsOf(toHex(NEW)), { has: 50 * NCU });
  t.equal(ledger.peerPurse.reserve(spending(NEW)), null);
  const huge = spending(RICH, { job: bytes(5), maxTokens: 100_000 });
  t.match(ledger.peerPurse.reserve(huge), { code: 'NOT_READY' }, 'it may have earned since');
  t.equal(ledger.ownPurse.reserve({ ...huge, requester: ME }), null, 'others know more');
  t.end();
});

t.test('cuts that come one by one are no old ones, whenever one asks', (t) => {
  const { ledger, calm } = world();
  t.ok(ledger.reading);
  ledger.took([], 5);
  ledger.took([], 6);
  t.ok(ledger.reading, 'two at once');
  calm();
  ledger.took([], 8);
  t.notOk(ledger.reading);
  t.end();
});

t.test('a job that cannot be paid for is refused with the figure, at either end', (t) => {
  const { ledger, calm } = world();
  ledger.settled(
    folded([account(ME, { available: 100_000 }), account(POOR, { available: 149_999 })]),
  );
  calm();
  t.match(ledger.ownPurse.refuse(spending(ME)), {
    code: 'NCU_SHORT',
    message: 'the answer may cost 0.15 NCU, and 0.1 NCU can be spent',
    hint: /nexus balance/,
  });
  t.match(ledger.peerPurse.reserve(spending(POOR)), {
    code: 'UNFUNDED',
    message: 'the job may cost 0.15 NCU, and its requester can spend 0.149999 NCU',
  });
  t.equal(ledger.peerPurse.reserve(spending(POOR, { maxTokens: 99 })), null);
  t.equal(ledger.peerPurse.reserve(spending(ME)), null, 'its own prompts cost nothing here');
  t.equal(
    ledger.peerPurse.reserve(spending(POOR, { profile: OTHER })),
    null,
    'nor what earns nothing',
  );
  t.end();
});

t.test('what no cut covers yet is counted, and no more than it came to', (t) => {
  const { ledger, calm } = world();
  ledger.settled(folded([account(POOR, { available: 300_000 })]));
  calm();
  const purse = ledger.peerPurse;
  const [first, second, third] = [1, 2, 3].map((n) => spending(POOR, { job: bytes(n) }));
  t.equal(purse.reserve(first!), null);
  t.equal(purse.reserve(first!), null, 'the same one is counted once');
  t.equal(purse.reserve(second!), null);
  t.match(purse.reserve(third!), { code: 'UNFUNDED', message: /can spend 0 NCU/ });
  purse.settle(bytes(1), 0, 50_000);
  t.match(purse.reserve(third!), { message: /can spend 0.1 NCU/ });
  purse.settle(bytes(2), 0, 0);
  t.equal(purse.reserve(third!), null);
  t.equal(ledger.fundsOf(toHex(POOR)).held, 200_000);
  const escrow: LedgerEvent = {
    type: 'escrow',
    account: toHex(POOR),
    job: toHex(bytes(3)),
    attempt: 0,
    offer: toHex(bytes(99)),
    amount: 150_000,
  };
  ledger.took([escrow], 8);
  t.equal(ledger.fundsOf(toHex(POOR)).held, 50_000, 'the ledger holds that one now');
  t.equal(purse.reserve(second!), null);
  ledger.took([], 13);
  t.equal(ledger.fundsOf(toHex(POOR)).held, 50_000, 'what was done is owed, an offer alone is not');
  t.end();
});

t.test('whose earlier jobs stand in no cut is not worked for any more', (t) => {
  const { ledger, calm } = world();
  const rich = folded([account(RICH, { available: 1e12 }), account(ME, { available: 1e12 })]);
  ledger.settled(rich);
  calm();
  for (const payer of [RICH, ME]) {
    const purse = payer === RICH ? ledger.peerPurse : ledger.ownPurse;
    for (let attempt = 0; attempt < 8; attempt++) {
      t.equal(purse.reserve(spending(payer, { job: payer, attempt })), null);
      purse.settle(payer, attempt, 10);
    }
  }
  ledger.took([], 11);
  t.equal(ledger.peerPurse.refuse(spending(RICH)), null, 'it has some time');
  ledger.took([], 13);
  t.match(ledger.peerPurse.refuse(spending(RICH)), { code: 'UNFUNDED', message: /8 earlier jobs/ });
  t.equal(ledger.ownPurse.refuse(spending(ME)), null, 'of this node its executors think the same');
  const late: LedgerEvent[] = [{
    type: 'escrow',
    account: toHex(RICH),
    job: toHex(RICH),
    attempt: 3,
    offer: toHex(bytes(99)),
    amount: 10,
  }];
  ledger.took(late, 14);
  t.equal(ledger.peerPurse.refuse(spending(RICH)), null, 'its log has come');
  t.end();
});

t.test('another offer of the same attempt pays for nothing that was done', (t) => {
  const { ledger, calm } = world();
  ledger.settled(folded([account(RICH, { available: 1e12 })]));
  calm();
  const purse = ledger.peerPurse, [real, other] = [bytes(99), bytes(98)];
  const covers = (n: number, offer: Uint8Array): LedgerEvent => {
    const job = toHex(bytes(n));
    return {
      type: 'escrow',
      account: toHex(RICH),
      job,
      attempt: 0,
      offer: toHex(offer),
      amount: 1,
    };
  };
  const returned = (n: number): LedgerEvent => {
    return { type: 'returned', account: toHex(RICH), job: toHex(bytes(n)), attempt: 0, amount: 1 };
  };
  for (let n = 0; n < 8; n++) {
    t.equal(purse.reserve(spending(RICH, { job: bytes(n) })), null);
    purse.settle(bytes(n), 0, 10);
    ledger.took([covers(n, other), returned(n)], 8);
  }
  t.equal(ledger.fundsOf(toHex(RICH)).held, 80, 'all of that is owed');
  const next = spending(RICH, { job: bytes(50) });
  t.match(purse.refuse(next), { code: 'UNFUNDED', message: /8 earlier jobs/ }, 'at once');
  ledger.took([covers(0, real)], 8);
  t.equal(ledger.fundsOf(toHex(RICH)).held, 70, 'the very one');
  t.equal(purse.refuse(next), null);
  ledger.took([covers(50, other)], 8);
  t.match(purse.reserve(next), { code: 'UNFUNDED', message: /another offer/ }, 'nor before it');
  const again = spending(RICH, { job: bytes(51) });
  t.equal(purse.reserve(again), null);
  t.match(purse.reserve({ ...again, offer: other }), { message: /another offer/ });
  ledger.took([covers(52, real)], 8);
  t.equal(purse.reserve(spending(RICH, { job: bytes(52) })), null, 'a cut was faster');
  ledger.took([returned(52)], 9);
  t.equal(ledger.fundsOf(toHex(RICH)).held, 150_070, 'and it ended as it should');
  t.end();
});

t.test('prices follow the market, within the band', (t) => {
  const { ledger, calm } = world();
  t.equal(ledger.askedPrice(MODEL, null), 1000, 'the coefficient before any cut');
  t.equal(ledger.askedPrice(MODEL, 1), 750);
  t.equal(ledger.askedPrice(MODEL, 1100), 1100);
  t.equal(ledger.askedPrice(MODEL, 9999), 1250);
  t.equal(ledger.askedPrice(OTHER, 5), 0, 'what earns nothing is done for nothing');
  t.equal(ledger.priceCap(MODEL), 1250);
  t.equal(ledger.priceCap(MODEL, [2000, 2000, 9e9]), 2500, 'what most ask, where no cut is known');
  t.equal(ledger.priceCap(MODEL, [9e9, 9e9]), 12_500, 'but not what the market cannot be');
  const price = { profile: '', prompt: 1, output: 400, level: 400_000, utilisation: 0 };
  ledger.settled(folded([], { priceOf: () => price }));
  t.equal(ledger.askedPrice(MODEL, null), 400);
  t.equal(ledger.priceCap(MODEL, [2000]), 2500, 'old cuts tell less than what is asked now');
  calm();
  t.equal(ledger.priceCap(MODEL, [2000]), 500);
  t.end();
});

t.test('the ledger counts as read when cuts come one by one', (t) => {
  let now = 0;
  const rules = { maxPrice: 1, epochMs: 3000 };
  const ledger = new NodeLedger({ terms: TERMS, me: ME, rules, tick: () => now });
  t.equal(ledger.reading, true);
  for (let epoch = 0; epoch < 5; epoch++) {
    ledger.took([], epoch);
    ledger.settled(folded([]));
    now += 100;
    t.equal(ledger.reading, true);
  }
  now += 3000;
  t.equal(ledger.reading, false);
  ledger.took([], 5);
  t.equal(ledger.reading, false, 'and stays so');
  t.end();
});

t.test('who is banned, and who is how reputable', (t) => {
  const { ledger } = world();
  t.equal(ledger.standing(RICH), null, 'nothing is known');
  const accounts = [account(RICH, { reputation: 500_000 }), account(POOR, { status: 'banned' })];
  const exposure = (key: string) => ({ unsettled: 9, cap: 1, covered: key === toHex(RICH), n: 4 });
  ledger.settled(folded(accounts, { exposure }));
  t.same(ledger.standing(RICH), { reputation: 0.5, covered: true });
  t.same(ledger.standing(NEW), { reputation: 0, covered: false });
  t.equal(ledger.banned(POOR), true);
  t.equal(ledger.banned(NEW), false);
  t.end();
});

t.test('holds are bounded: the oldest go first', (t) => {
  const holds = new Holds();
  const job = new Uint8Array(32);
  for (let i = 0; i < 16_385; i++) holds.add('payer', job, i, { amount: 1, epoch: 0, offer: null });
  t.equal(holds.of('payer'), 16_384);
  t.equal(holds.has(job, 0), false);
  t.equal(holds.has(job, 16_384), true);
  holds.shrink(job, 16_384, 5);
  t.equal(holds.of('payer'), 16_384, 'a hold does not grow');
  t.end();
});

t.test('a balance that will not last is told once, until it recovers', (t) => {
  const low = new LowBalance();
  const told = [];
  for (const left of [1000, 900, 800, 700, 600, 500]) told.push(low.take(left, 100));
  t.ok(told.slice(0, 2).every((one) => one === null));
  t.equal(told.filter((one) => one !== null).length, 1);
  t.equal(low.take(10_000, 100), null);
  t.ok(low.take(100, 100) !== null, 'again after it had recovered');
  t.equal(new LowBalance().take(0, 0), null, 'who spends nothing needs nothing');
  t.end();
});

t.test('what the last cuts led to, of all or of one account', (t) => {
  const recent = new RecentEvents();
  const payment = { requester: 'r', executor: 'e' } as Payment;
  const grant: LedgerEvent = { type: 'grant', account: 'r', amount: 1 };
  recent.take(0, [grant, { type: 'payment', payment }]);
  t.equal(recent.of(0, null)!.length, 2);
  t.same(recent.of(0, 'e'), [{ type: 'payment', payment }]);
  t.same(recent.of(0, 'x'), []);
  t.equal(recent.of(1, null), null);
  for (let epoch = 1; epoch <= 256; epoch++) recent.take(epoch, []);
  t.equal(recent.of(0, null), null, 'the oldest are forgotten');
  recent.take(257, Array.from({ length: 10_000 }, () => grant));
  t.equal(recent.of(256, null), null, 'so are those before very many events');
  t.equal(recent.of(257, null)!.length, 10_000, 'the newest never');
  t.end();
});

t.test('a bond is asked back but for what is on its way and what stands for credit', (t) => {
  const { ledger } = world();
  t.equal(ledger.bondOf(toHex(ME)), 0, 'no cut is known');
  const unbonding = [{ amount: 2 * NCU, cut: 9 }, { amount: NCU, cut: 11 }];
  ledger.settled(folded([
    account(ME, { bonded: 10 * NCU, unbonding, owed: 4 * NCU }),
    account(POOR, { bonded: NCU, owed: 2 * NCU }),
  ]));
  t.equal(ledger.bondOf(toHex(ME)), 3 * NCU);
  t.equal(ledger.bondOf(toHex(POOR)), 0);
  t.equal(ledger.bondOf(toHex(NEW)), 0, 'it has none');
  t.end();
});
