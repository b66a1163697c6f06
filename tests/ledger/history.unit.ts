import fc from 'fast-check';
import t from 'tap';
import { plainCopy, toHex } from '../../feeds/base/mod.ts';
import { type LEDGER_STATE, LedgerFold, NetworkFold } from '../../feeds/ledger/mod.ts';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { bytes32, drawEvidence, type Party } from '../trust/world.ts';
import { type Deal, Economy, imbalance, NCU, OUTPUT, summed } from './economy.ts';

const SIGNED = new Uint8Array(64).fill(1), FORGED = new Uint8Array(64).fill(2);

/** Something that somebody does, honest or not. */
type Act =
  | { act: 'deal'; from: number; to: number; deal: unknown }
  | { act: 'cheat'; from: number; to: number }
  | { act: 'again'; from: number; which: number }
  | { act: 'bond'; from: number; amount: number }
  | { act: 'unbond'; from: number; amount: number }
  | { act: 'all'; from: number }
  | { act: 'accuse'; from: number; to: number; signed: boolean }
  | { act: 'lazy'; auditor: number; lazy: boolean }
  | { act: 'cut'; lagging: number };

const PARTIES = 4, AUDITORS = 3;
const who = fc.nat(PARTIES - 1);
/** Auditors have money at stake, too. */
const owner = fc.nat(PARTIES + AUDITORS - 1);
const amount = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1, NCU, 2 * NCU, 100 * NCU) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 120 * NCU }) },
  { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
);
const tokens = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constant(0xffff_ffff));
const signature = fc.constantFrom(SIGNED, SIGNED, FORGED);
const deal = fc.record({
  tokens: fc.integer({ min: 0, max: 200 }),
  price: fc.constantFrom(0, OUTPUT, 1_000 * OUTPUT),
  offer: fc.record({
    priceCap: fc.constantFrom(OUTPUT, 2 * OUTPUT, 0, Number.MAX_SAFE_INTEGER),
    promptTokens: fc.constantFrom(1, 10, 0xffff_ffff),
    resumeAt: fc.constantFrom(0, 0, 10, 0xffff_ffff),
  }, { requiredKeys: [] }),
  artifact: fc.constantFrom<NonNullable<Deal['artifact']>>({}, {}, false, {
    root: bytes32('other'),
  }),
  settle: fc.oneof(
    fc.constantFrom<NonNullable<Deal['settle']>>({}, {}, false, { outcome: 'failed' }),
    fc.record({ tokens }),
    fc.record({
      digest: fc.record({ tokens, digest: fc.constant(bytes32('digest')), signature }),
    }),
  ),
  claim: fc.record({ ack: fc.record({ tokens, signature }) }),
}, { requiredKeys: ['artifact', 'settle'] });

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constant('deal' as const), from: who, to: who, deal }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cheat' as const), from: who, to: who }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('again' as const), from: who, which: fc.nat(50) }),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ act: fc.constant('bond' as const), from: owner, amount }),
      fc.record({ act: fc.constant('unbond' as const), from: owner, amount }),
      fc.record({ act: fc.constant('all' as const), from: owner }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('accuse' as const),
      from: who,
      to: who,
      signed: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('lazy' as const),
      auditor: fc.nat(AUDITORS - 1),
      lazy: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ act: fc.constant('cut' as const), lagging: fc.nat(12) }) },
);

/** How an auditor begins: with all that it has at stake, on its way out, without doing its duties. */
interface Stake {
  bonded: boolean;
  leaves: boolean;
  lazy: boolean;
}

const stake: fc.Arbitrary<Stake> = fc.record({
  bonded: fc.boolean(),
  leaves: fc.boolean(),
  lazy: fc.boolean(),
});
const stakes = fc.array(stake, { minLength: AUDITORS, maxLength: AUDITORS });

/** Plays acts; after each cut the books are looked at. */
async function play(
  acts: readonly Act[],
  look: (world: Economy) => void,
  stakes: readonly Stake[] = [],
): Promise<Economy> {
  const world = new Economy({
    auditors: AUDITORS,
    witnesses: 1,
    weights: [1],
    ledger: { grant: 100 * NCU, reputationHalf: 1, unbondCuts: 10, settleCuts: 2 },
    rules: { challengeCuts: 3, auditRamp: 1, auditFloor: 1 },
  });
  const parties = Array.from({ length: PARTIES }, (_, i) => world.party(`party ${i}`));
  await world.pass(2);
  for (const [i, { bonded, lazy }] of stakes.entries()) {
    const auditor = world.auditors[i]!;
    if (bonded) world.bond(auditor, 100 * NCU);
    world.manners.set(auditor.hex, { commits: !lazy });
  }
  await world.cut();
  for (const [i, { leaves }] of stakes.entries()) {
    if (leaves) world.unbond(world.auditors[i]!, 100 * NCU);
  }
  for (const one of acts) await perform(world, parties, one, look);
  const held = () => world.ledger.view().totals.pending + world.ledger.view().totals.escrow;
  for (let i = 0; i < 12 || (i < 60 && held() > 0); i++) {
    await world.cut();
    look(world);
  }
  return world;
}

async function perform(
  world: Economy,
  parties: readonly Party[],
  one: Act,
  look: (world: Economy) => void,
): Promise<void> {
  if (one.act === 'cut') {
    let n = one.lagging;
    await world.cut({ lagging: () => n > 0 && n++ % 5 === 0 });
    return look(world);
  }
  if (one.act === 'lazy') {
    world.manners.set(world.auditors[one.auditor]!.hex, { commits: !one.lazy });
    return;
  }
  const from = parties[one.from] ?? world.auditors[one.from - PARTIES]!;
  if (one.act === 'deal') world.deal(from, parties[one.to]!, one.deal as Deal);
  else if (one.act === 'cheat') {
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.deal(from, parties[one.to]!, { finding: 'trigger', evidence });
  } else if (one.act === 'bond') world.bond(from, one.amount);
  else if (one.act === 'unbond') world.unbond(from, one.amount);
  else if (one.act === 'all') {
    const { bonded, available } = world.account(from);
    if (available > 0) world.bond(from, available);
    if (bonded > 0) world.unbond(from, bonded);
  } else if (one.act === 'again') {
    const { blocks } = world.logs.get(toHex(from.cores.jobs))!;
    blocks.push(blocks[one.which % blocks.length]!);
  } else {
    const to = parties[one.to]!;
    const vote = (name: string) => ({
      type: 'vote' as const,
      network: world.money.network,
      epoch: 1,
      round: 0,
      step: 'prevote' as const,
      cut: bytes32(name),
      witness: to.key,
      signature: one.signed ? SIGNED : FORGED,
    });
    world.accuse(from, to, vote('one'), vote('two'));
  }
}

function assertBalanced({ ledger, told }: Economy): void {
  const { totals, accounts } = ledger.view();
  if (imbalance(totals) !== 0n) throw new Error(`unbalanced: ${JSON.stringify(totals)}`);
  const sums = summed(accounts);
  for (const [name, sum] of Object.entries(sums)) {
    if (totals[name as 'available'] !== sum) throw new Error(`${name}: ${sum}`);
  }
  let fees = 0, emitted = 0;
  for (const event of told) {
    if (event.type !== 'epoch') continue;
    fees += event.summary.fees;
    emitted += event.summary.emitted;
  }
  // Slashes and fines are burned for good: only fees come back.
  if (emitted !== totals.emission) throw new Error(`${emitted} told, ${totals.emission} emitted`);
  if (emitted > fees) throw new Error(`${emitted} emitted for fees of ${fees}`);
  for (const account of accounts) {
    const { available, pending, escrow, bonded, owed, unbonding } = account;
    for (const value of [available, pending, escrow, bonded, owed]) {
      if (!Number.isSafeInteger(value) || value < 0) throw new Error(JSON.stringify(account));
    }
    const leaving = unbonding.reduce((sum, { amount }) => sum + amount, 0);
    if (leaving > bonded || owed > 0 && available > 0) throw new Error(JSON.stringify(account));
    const { unsettled } = ledger.exposure(account.key);
    if (!Number.isSafeInteger(unsettled) || unsettled < 0) {
      throw new Error(`unsettled ${unsettled}`);
    }
  }
}

t.test('whatever anybody does, no money comes from nowhere or goes nowhere', async (t) => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 5, maxLength: 60 }),
      stakes,
      async (acts, stakes) => {
        const world = await play(acts, assertBalanced, stakes);
        for (const { type } of world.told) seen.add(type);
        for (const code of world.codes) seen.add(code);
        // What was held for anybody's work is held no longer than its time.
        const { totals } = world.ledger.view();
        if (totals.pending + totals.escrow > 0) throw new Error(JSON.stringify(totals));
      },
    ),
    { numRuns: 25, seed: 7 },
  );
  for (
    const what of ['payment', 'returned', 'released', 'slash', 'bond', 'unbonded', 'reward', 'fine']
  ) {
    t.ok(seen.has(what), what);
  }
});

t.test('order, batches and restarts make no difference', async (t) => {
  const acts = fc.sample(act, { numRuns: 80, seed: 3 });
  const world = await play(acts, () => {});
  const { money, options } = world;
  const network = { ...options, terms: money.terms, audit: money.audit };
  const roots: string[] = [];
  const plain = new NetworkFold(network);
  for (const { cut, entries } of world.cuts) {
    await plain.takeCut(cut, entries);
    roots.push(toHex(plain.ledger!.root));
  }
  t.ok(new Set(roots).size > 10, 'there is something to differ in');

  const random = world.random;
  let other = new NetworkFold(network);
  for (const [i, { cut, entries }] of world.cuts.entries()) {
    const shuffled = entries.map((entry) => ({ entry, at: random() }))
      .sort((a, b) => a.at - b.at).map(({ entry }) => entry);
    const events = await other.takeCut({ ...cut, spans: [...cut.spans].reverse() }, shuffled);
    t.equal(events.ledger.at(-1)!.type, 'epoch');
    if (toHex(other.ledger!.root) !== roots[i]) t.fail(`cut ${i}`);
    if (i % 5 === 4) other = NetworkFold.restore(network, plainCopy(other.state()));
  }
  t.strictSame(other.ledger!.view(), plain.ledger!.view());

  // The ledger's own state goes through JSON.
  let alone = new LedgerFold(money);
  for (const [i, handed] of world.handed.entries()) {
    await alone.takeCut(...handed);
    if (i % 3 === 0) alone = LedgerFold.restore(money, JSON.parse(JSON.stringify(alone.state())));
  }
  t.strictSame(alone.view(), world.ledger.view());
});

t.test('a state that was tampered with is not gone on from', async (t) => {
  const world = await play([], () => {});
  const state = world.ledger.state();
  state.members[0]!.account.available++;
  t.throws(() => LedgerFold.restore(world.money, state), { code: 'STATE_BROKEN' });
  const old = { ...world.ledger.state(), version: 'other' as typeof LEDGER_STATE };
  t.throws(() => LedgerFold.restore(world.money, old), { code: 'STATE_UNKNOWN' });
  await t.rejects(world.ledger.takeCut({ epoch: 99 }, [], [], () => null), {
    code: 'LEDGER_WRONG_CUT',
  });
});

t.test('bytes that mean nothing stop nothing', async (t) => {
  const world = new Economy({ auditors: 1, witnesses: 1, weights: [1] });
  const parties = [world.party('a'), world.party('b')] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.boolean(),
          fc.constantFrom('jobs', 'artifacts', 'attestations'),
          fc.nat(),
          fc.nat(255),
          fc.boolean(),
        ),
        {
          maxLength: 12,
        },
      ),
      async (mess) => {
        world.deal(parties[0], parties[1]);
        for (const [first, log, at, byte, isNew] of mess) {
          const { blocks } = world.logs.get(toHex(parties[first ? 0 : 1].cores[log as 'jobs']))!;
          const bytes = isNew ? new Uint8Array(at % 300) : blocks.at(-1)!.slice();
          if (bytes.length > 0) bytes[at % bytes.length] = byte;
          blocks.push(bytes);
        }
        await world.cut({ act: false });
        assertBalanced(world);
      },
    ),
    { numRuns: 60, seed: 5 },
  );
  t.ok(world.said('payment').length > 10);
});
