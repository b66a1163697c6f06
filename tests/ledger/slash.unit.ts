import fc from 'fast-check';
import t from 'tap';
import { Book } from '../../feeds/ledger/book.ts';
import { Desk } from '../../feeds/ledger/desk.ts';
import type { Jobs } from '../../feeds/ledger/jobs.ts';
import type { Market } from '../../feeds/ledger/market.ts';
import { type Misdeed, punish } from '../../feeds/ledger/punish.ts';
import type { LedgerWorld } from '../../feeds/ledger/world.ts';
import type { Payment, SlashCause } from '../../feeds/ledger/mod.ts';
import { slashFor, slashMultiple } from '../../feeds/ledger/mod.ts';

const key = (n: number): string => n.toString(16).padStart(2, '0').repeat(32);
const OFFENDER = key(200);
const RULES = { detection: 900_000, slashLeast: 4, slashMost: 200, slashAuditors: 100_000 };

const money = fc.oneof(fc.nat(1000), fc.nat(5_000_000), fc.maxSafeNat().map((n) => n % 2 ** 40));
const payment: fc.Arbitrary<Payment> = fc.record({
  client: fc.nat(5),
  profile: fc.nat(2),
  gross: money,
  feePpm: fc.nat(1_000_000),
  attempt: fc.nat(3),
}).map(({ client, profile, gross, feePpm, attempt }) => {
  const fee = Number(BigInt(gross) * BigInt(feePpm) / 1_000_000n);
  return {
    job: key(100 + client),
    attempt,
    requester: key(client),
    executor: OFFENDER,
    profile: key(50 + profile),
    promptTokens: 1,
    tokens: 1,
    gross,
    fee,
    net: gross - fee,
    epoch: 1,
    free: 9,
  };
});
const rules = fc.record({
  detection: fc.integer({ min: 1000, max: 1_000_000 }),
  slashLeast: fc.integer({ min: 1, max: 10 }),
  slashMost: fc.integer({ min: 10, max: 1000 }),
  slashAuditors: fc.nat(1_000_000),
});
const input = fc.record({
  cause: fc.constantFrom<SlashCause>(
    'lifetime',
    'equivocation',
    'fork',
    'contradiction',
    'proof',
  ),
  bond: money,
  held: money,
  pending: fc.array(payment, { maxLength: 6 }),
  released: fc.array(payment, { maxLength: 6 }),
  profile: fc.constantFrom(null, key(50), key(51)),
  auditRate: fc.integer({ min: -5, max: 10_005 }),
  rules,
  offender: fc.constant(OFFENDER),
  finders: fc.array(fc.constantFrom(key(1), key(2), key(3), OFFENDER), { maxLength: 6 }),
});
const sum = (items: readonly { amount: number }[]): number =>
  items.reduce((all, { amount }) => all + amount, 0);

t.test('nothing is made and nothing lost, whatever is slashed', (t) => {
  fc.assert(
    fc.property(input, (input) => {
      const out = slashFor(input);
      const parts = [...out.refunds, ...out.finders].map(({ amount }) => amount);
      for (const amount of [...parts, out.amount, out.forfeited, out.burned]) {
        if (!Number.isSafeInteger(amount) || amount < 0) return false;
      }
      return out.amount <= input.bond && out.forfeited === input.held &&
        out.amount + out.forfeited === sum(out.refunds) + sum(out.finders) + out.burned;
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('nobody is given back more than was paid, and the offender finds nothing', (t) => {
  fc.assert(
    fc.property(input, (input) => {
      const out = slashFor(input);
      const paid = new Map<string, number>();
      for (const { requester, gross } of [...input.pending, ...input.released]) {
        paid.set(requester, (paid.get(requester) ?? 0) + gross);
      }
      for (const { client, amount } of out.refunds) {
        paid.set(client, (paid.get(client) ?? 0) - amount);
      }
      return [...paid.values()].every((left) => left >= 0) &&
        out.finders.every(({ auditor }) => auditor !== OFFENDER) &&
        new Set(out.finders.map(({ auditor }) => auditor)).size === out.finders.length;
    }),
    { numRuns: 1000 },
  );
  t.end();
});

t.test('who gained more loses no less, and who is audited less often neither', (t) => {
  fc.assert(fc.property(input, payment, (input, more) => {
    const released = [...input.released, { ...more, profile: input.profile ?? more.profile }];
    return slashFor({ ...input, released }).amount >= slashFor(input).amount;
  }));
  fc.assert(fc.property(rules, fc.nat(10_000), fc.nat(10_000), (rules, a, b) => {
    return slashMultiple(Math.min(a, b), rules) >= slashMultiple(Math.max(a, b), rules);
  }));
  t.end();
});

t.test('cheating at any audit rate costs more than it gains', (t) => {
  for (let rate = 100; rate <= 10_000; rate++) {
    const caught = (rate / 10_000) * (RULES.detection / 1_000_000);
    const n = slashMultiple(rate, RULES);
    if (n * caught < (1 - caught) - 1e-9) t.fail(`at ${rate} of 10,000 n is ${n}`);
  }
  t.equal(slashMultiple(10_000, RULES), 4, 'the least where all is audited');
  t.equal(slashMultiple(100, RULES), 111, '(1 - 0.009) / 0.009, rounded up');
  t.equal(slashMultiple(0, RULES), 200, 'the most where nothing is');
  t.end();
});

t.test('equivocation and forks take the whole bond, a cheat n times its gain', (t) => {
  const paid = { requester: key(1), executor: OFFENDER, promptTokens: 1, tokens: 1 };
  const of = { ...paid, job: key(9), attempt: 0, profile: key(50), epoch: 1, free: 9 };
  const pending = [{ ...of, gross: 100, fee: 10, net: 90 }];
  const released = [{ ...of, attempt: 1, gross: 200, fee: 20, net: 180 }];
  const common = { held: 95, pending, released, profile: null, auditRate: 10_000, rules: RULES };
  const rest = { ...common, offender: OFFENDER, finders: [key(2), key(3), key(2)] };
  t.same(slashFor({ ...rest, cause: 'lifetime', bond: 10_000 }), {
    gain: 300,
    n: 4,
    amount: 1200,
    forfeited: 95,
    refunds: [
      { client: key(1), job: key(9), attempt: 0, amount: 100 },
      { client: key(1), job: key(9), attempt: 1, amount: 200 },
    ],
    finders: [{ auditor: key(2), amount: 49 }, { auditor: key(3), amount: 49 }],
    burned: 897,
  });
  t.match(slashFor({ ...rest, cause: 'lifetime', bond: 50 }), { amount: 50, burned: 6 });
  t.match(slashFor({ ...rest, cause: 'fork', bond: 10_000 }), { gain: 0, n: 0, amount: 10_000 });
  t.match(slashFor({ ...rest, cause: 'equivocation', bond: 7 }), { amount: 7 });
  t.end();
});

t.test('an executor of very many attempts is slashed as any other', (t) => {
  const rules = { ...RULES, feeShare: 0, auditFee: 0 };
  const world = {
    cut: 9,
    rules,
    challengeCuts: 1,
    audit: { auditRamp: 0, auditFloor: 1 },
    emit: () => {},
  } as unknown as LedgerWorld;
  const book = new Book(), desk = new Desk(book, {} as Market, world);
  const offender = book.member(OFFENDER), client = book.member(key(1));
  book.mint(offender, 1_000_000, 'grants');
  book.move(offender, 'available', offender, 'bonded', 1_000_000);
  const payment = { profile: key(50), requester: key(1), job: key(2), attempt: 0, gross: 1 };
  const attempt = { executor: OFFENDER, state: 'over', payment, rate: 10_000 };
  const attempts = Array.from({ length: 200_000 }, () => ({ ...attempt }));
  const jobs = { of: () => attempts, agenda: { set: () => {} } } as unknown as Jobs;
  const misdeed: Misdeed = {
    offender: OFFENDER,
    cause: 'lifetime',
    profile: null,
    subjects: [],
    finders: [],
    evidence: [],
  };
  const { gain, amount } = punish(misdeed, jobs, desk, world.audit);
  t.match({ gain, amount }, { gain: 200_000, amount: 800_000 });
  t.equal(client.account.available, 200_000);
  t.end();
});
