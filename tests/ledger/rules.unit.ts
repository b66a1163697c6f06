import t, { type t as tap } from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { LedgerFold } from '../../feeds/ledger/mod.ts';
import { encodeRecord, type LedgerRootRecord, recordHash } from '../../feeds/records/mod.ts';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { bytes32, drawEvidence, EXECUTOR_CLASS, NETWORK, PROFILE } from '../trust/world.ts';
import { Economy, imbalance, LEDGER, NCU, OUTPUT, PROMPT } from './economy.ts';

const SIGNED = new Uint8Array(64).fill(1), FORGED = new Uint8Array(64).fill(2);
const grossOf = (tokens: number, price = OUTPUT) => tokens * price + 10 * PROMPT * price / OUTPUT;

async function start(options: ConstructorParameters<typeof Economy>[0] = {}) {
  const world = new Economy(options);
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  return { world, requester, executor };
}

/** After every test: no money came from nowhere or went nowhere. */
function balanced(t: Pick<typeof tap, 'equal'>, world: Economy): void {
  t.equal(imbalance(world.ledger.view().totals), 0n);
}

t.test('who asks itself is not paid', async (t) => {
  const { world, requester } = await start();
  world.deal(requester, requester);
  await world.pass(12);
  t.ok(world.codes.includes('job-self'));
  t.equal(world.said('payment').length, 0);
  t.equal(world.account(requester).available, LEDGER.grant);
});

t.test('a profile outside the table earns nothing', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, { offer: { profile: bytes32('other') } });
  await world.pass(3);
  t.ok(world.codes.includes('profile-unknown'));
  t.equal(world.said('payment').length, 0);
  t.equal(world.ledger.priceOf(toHex(bytes32('other'))), null);
});

t.test('settlements: without a job, twice, too late', async (t) => {
  const { world, requester, executor } = await start();
  const { settle } = world.deal(requester, executor);
  world.append(requester, 'jobs', settle);
  world.append(requester, 'jobs', { ...settle, job: bytes32('none') });
  world.append(executor, 'jobs', settle);
  const late = world.deal(requester, executor, { settle: false });
  await world.cut();
  t.strictSame([...world.codes].sort(), ['settle-twice', 'settle-unknown', 'settle-unknown']);
  t.equal(world.said('payment').length, 1);
  await world.pass(4);
  world.append(requester, 'jobs', late.settle);
  await world.cut();
  t.equal(world.codes.at(-1), 'settle-late');
  t.equal(world.said('payment').length, 1);
  t.equal(world.account(executor).pending, world.said('payment')[0]!.payment.net);
  balanced(t, world);
});

t.test('offers: twice, of another, with amounts that nobody has', async (t) => {
  const { world, requester, executor } = await start();
  const { offer } = world.deal(requester, executor);
  world.append(requester, 'jobs', offer);
  world.append(executor, 'jobs', offer);
  const most = { tq: 0, pq: 65_536, maxTokens: 4096 };
  world.deal(requester, executor, {
    offer: { priceCap: Number.MAX_SAFE_INTEGER, promptTokens: 0xffff_ffff, sampling: most },
  });
  world.deal(requester, executor, { offer: { sampling: { ...most, maxTokens: 0xffff_ffff } } });
  await world.cut();
  const hash = toHex(recordHash(encodeRecord(offer)));
  t.same(world.said('escrow').map(({ offer }) => offer), [hash], 'it says which of them counts');
  const codes = ['job-amount', 'job-amount', 'job-twice', 'job-unknown'];
  t.strictSame(world.codes.filter((code) => code.startsWith('job')).sort(), codes);
  balanced(t, world);
});

t.test('the requester falls silent: the claim pays what it signed for', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, {
    settle: false,
    claim: { ack: { tokens: 48, signature: SIGNED } },
  });
  await world.pass(4);
  t.equal(world.said('payment').length, 0, 'a settlement may say more');
  await world.cut();
  t.match(world.said('payment')[0]!.payment, { tokens: 48, gross: grossOf(48) });
  t.equal(world.account(requester).violations, 0);
});

t.test('claims: forged, above what there was, twice', async (t) => {
  const { world, requester, executor } = await start();
  const silent = { settle: false } as const;
  world.deal(requester, executor, {
    ...silent,
    claim: { ack: { tokens: 48, signature: FORGED } },
  });
  const { job } = world.deal(requester, executor, {
    ...silent,
    claim: { ack: { tokens: 100_000, signature: SIGNED } },
  });
  world.append(executor, 'artifacts', {
    type: 'claim',
    job,
    attempt: 0,
    requester: requester.key,
    ack: { tokens: 1, signature: SIGNED },
    heads: [],
    at: 0,
  });
  await world.pass(6);
  t.strictSame([...world.codes].sort(), ['claim-above-ack', 'claim-unsigned', 'settle-twice']);
  t.equal(world.said('payment').length, 0);
  t.equal(world.account(requester).available, LEDGER.grant);
});

t.test('who settles less than it signed for pays what it signed for', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, {
    settle: { tokens: 16 },
    claim: { ack: { tokens: 80, signature: SIGNED } },
  });
  await world.cut();
  t.ok(world.codes.includes('ack-contradiction'));
  t.equal(world.account(requester).violations, 1);
  t.equal(world.said('payment')[0]!.payment.tokens, 80);
});

t.test('who settles less is believed where nothing speaks against it', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, { settle: { tokens: 16, outcome: 'failed' } });
  await world.pass(5);
  t.equal(world.said('payment')[0]!.payment.tokens, 16);
  t.equal(world.account(executor).failed, 1);
});

t.test('without an artifact the signed digest is paid, once it is to be audited', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, { artifact: false });
  await world.cut();
  t.equal(world.said('payment').length, 0);
  await world.pass(3);
  t.equal(world.said('payment')[0]!.payment.tokens, 80);
  await world.pass(14);
  t.ok(world.said('released').length > 0);
});

t.test('each attempt is paid for its own segment', async (t) => {
  const { world, requester, executor } = await start();
  const other = world.party('other executor');
  await world.cut();
  world.deal(requester, executor, { tokens: 30, settle: { outcome: 'failed' } });
  const rest = { attempt: 1, resumeAt: 30 };
  world.deal(requester, other, { tokens: 50, offer: rest, artifact: { resumeAt: 30 } });
  await world.cut();
  const paid = world.said('payment').map(({ payment }) => [payment.executor, payment.gross]);
  t.strictSame(
    new Map(paid as [string, number][]),
    new Map([[executor.hex, grossOf(30)], [other.hex, grossOf(50)]]),
  );
});

t.test('prices: what is asked, at most the cap, at most the band', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, { price: OUTPUT / 2 });
  world.deal(requester, executor, { price: OUTPUT, offer: { priceCap: 300 } });
  world.deal(requester, executor, { price: 2 * OUTPUT });
  await world.cut();
  const gross = world.said('payment').map(({ payment }) => payment.gross);
  const band = OUTPUT * (1 + LEDGER.askBand / 1e6);
  t.strictSame(
    gross.sort((a, b) => a - b),
    [grossOf(80, 300), grossOf(80, OUTPUT / 2), grossOf(80, band)],
  );
  t.strictSame(world.codes, ['price-band']);
});

t.test('an answer that is not opened to its auditors is given back', async (t) => {
  const { world, requester, executor } = await start();
  world.silent.add(executor.hex).add(requester.hex);
  world.deal(requester, executor);
  await world.pass(12);
  t.equal(world.said('verdict')[0]!.outcome, 'withheld');
  t.equal(world.account(requester).available, LEDGER.grant);
  t.equal(world.account(executor).available, LEDGER.grant);
  t.equal(world.ledger.exposure(executor.hex).unsettled, 0);
  balanced(t, world);
});

t.test('nobody takes its bond away while a panel looks', async (t) => {
  const { world, requester, executor } = await start();
  world.bond(executor, NCU);
  const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
  world.deal(requester, executor, { finding: 'trigger', evidence });
  while (world.of('panel').length === 0) await world.cut();
  world.unbond(executor, NCU);
  await world.cut();
  t.ok(world.codes.includes('unbond-challenged'));
  t.equal(world.account(executor).unbonding.length, 0);
});

t.test('a proven cheat is slashed, its clients have everything back', async (t) => {
  const { world, requester, executor } = await start();
  const bystander = world.party('bystander');
  world.bond(executor, 50 * NCU);
  await world.pass(2);
  let before = 0;
  for (let i = 0; i < 60 && world.said('slash').length === 0; i++) {
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.deal(i % 2 ? requester : bystander, executor, { finding: 'trigger', evidence });
    before = world.account(executor).bonded;
    await world.cut();
  }
  const { slash } = world.said('slash')[0]!;
  t.match(slash, { cause: 'lifetime', offender: executor.hex });
  t.ok(slash.amount > 0 && slash.amount <= before);
  t.equal(slash.amount, Math.min(before, slash.n * slash.gain));
  const refunded = slash.refunds.reduce((sum, { amount }) => sum + amount, 0);
  const found = slash.finders.reduce((sum, { amount }) => sum + amount, 0);
  t.equal(slash.amount + slash.forfeited, refunded + found + slash.burned);
  t.ok(slash.refunds.length > 1 && slash.finders.length > 0 && slash.evidence.length > 0);
  t.match(world.account(executor), { pending: 0, reputation: 0, bonded: before - slash.amount });
  t.ok(world.account(executor).violations > 0);
  t.equal(world.ledger.exposure(executor.hex).unsettled, 0);
  balanced(t, world);
  await world.pass(16);
  for (const client of [requester, bystander]) {
    t.equal(world.account(client).available + world.account(client).escrow, LEDGER.grant);
  }
  balanced(t, world);
});

t.test('two answers under one signature are a proof', async (t) => {
  const { world, requester, executor } = await start();
  world.bond(executor, NCU);
  world.deal(requester, executor, {
    settle: { digest: { tokens: 80, digest: bytes32('another'), signature: SIGNED } },
  });
  world.deal(requester, executor, {
    settle: { digest: { tokens: 80, digest: bytes32('forged'), signature: FORGED } },
  });
  await world.pass(4);
  const { slash } = world.said('slash')[0]!;
  t.match(slash, { cause: 'contradiction' });
  t.equal(world.said('slash').length, 1, 'a forged one proves nothing');
  t.equal(slash.amount, Math.min(NCU, 4 * 2 * grossOf(80)));
  t.ok(world.codes.includes('digest-contradiction'));
  t.equal(world.account(requester).available, LEDGER.grant);
  balanced(t, world);
});

t.test('a small misdeed over one profile makes a great one over another no cheaper', async (t) => {
  const profile = bytes32('small');
  const { world, requester, executor } = await start({
    coefficients: [{ profile, prompt: 1, output: 1 }],
  });
  const own = world.party('own');
  world.bond(executor, 50 * NCU);
  await world.cut();
  for (let i = 0; i < 3; i++) world.deal(requester, executor);
  const digest = { tokens: 1, digest: bytes32('another'), signature: SIGNED };
  const offer = { profile, priceCap: 1, promptTokens: 0 };
  world.deal(own, executor, {
    tokens: 1,
    offer,
    artifact: { promptTokens: 0, ncu: 1 },
    settle: { tokens: 1, digest },
  });
  await world.pass(3);
  const [small] = world.said('slash');
  t.match(small, { slash: { cause: 'contradiction', gain: 1, amount: 4, forfeited: 1 } });
  t.equal(world.account(executor).pending, 3 * grossOf(80) * (1 - LEDGER.feeShare / 1e6));
  t.match(world.account(requester), { available: LEDGER.grant - 3 * grossOf(80) });
  world.deal(requester, executor, { settle: { digest: { ...digest, tokens: 80 } } });
  await world.pass(3);
  const gain = 4 * grossOf(80);
  t.match(world.said('slash').at(-1), { slash: { gain, n: 4, amount: 4 * gain } });
  t.equal(world.account(requester).available, LEDGER.grant);
  t.equal(world.account(executor).pending, 0);
  balanced(t, world);
});

t.test('votes that exclude each other cost all of the bond, once', async (t) => {
  const { world, requester } = await start();
  const [witness] = world.witnesses as [(typeof world.witnesses)[0]];
  world.bond(witness, 5 * NCU);
  await world.cut();
  const vote = (name: string, signature = SIGNED) =>
    ({
      type: 'vote',
      network: NETWORK,
      epoch: 1,
      round: 0,
      step: 'precommit',
      cut: bytes32(name),
      witness: witness.key,
      signature,
    }) as const;
  world.accuse(requester, witness, vote('one'), vote('two'));
  world.accuse(requester, witness, vote('one'), vote('three'));
  world.accuse(requester, witness, vote('one'), vote('two', FORGED));
  await world.cut();
  t.match(world.said('slash'), [{ slash: { cause: 'equivocation', amount: 5 * NCU } }]);
  t.match(world.account(witness), { bonded: 0, status: 'banned' });
  t.strictSame([...world.codes].sort(), ['proof-invalid', 'proof-known']);
  world.deal(witness, requester);
  world.deal(requester, witness);
  await world.cut();
  t.equal(world.codes.filter((code) => code === 'job-banned').length, 2);
  balanced(t, world);
});

t.test('a missed duty costs, one that is done is paid', async (t) => {
  const { world, requester, executor } = await start({ auditors: 3 });
  const lazy = world.auditors[0]!;
  world.manners.set(lazy.hex, { commits: false });
  for (let i = 0; i < 6; i++) world.deal(requester, executor);
  await world.pass(20);
  t.ok(world.said('fine').length > 0);
  t.ok(world.said('fine').every(({ account }) => account === lazy.hex));
  t.ok(world.account(lazy).available < LEDGER.grant);
  world.deal(requester, executor);
  await world.pass(16);
  const rewards = world.said('reward');
  t.ok(rewards.some(({ role, account }) => role === 'auditor' && account !== lazy.hex));
  t.ok(rewards.some(({ role }) => role === 'witness'));
  const { burned, emission } = world.ledger.view().totals;
  t.ok(emission <= burned);
  balanced(t, world);
});

t.test('a fine out of a bond that is on its way out leaves less to come back', async (t) => {
  const { world, requester, executor } = await start({ auditors: 3, ledger: { missedFine: 1000 } });
  const lazy = world.auditors[0]!;
  world.manners.set(lazy.hex, { commits: false });
  world.bond(lazy, LEDGER.grant);
  await world.cut();
  world.unbond(lazy, LEDGER.grant);
  for (let i = 0; i < 6; i++) world.deal(requester, executor);
  await world.pass(20);
  const fines = world.said('fine');
  t.ok(fines.length > 0 && fines.every(({ account }) => account === lazy.hex));
  const last = world.said('bond').at(-1)!, [asked] = world.said('unbond');
  t.equal(asked!.index, last.index + 1, 'each names its entry');
  const [back] = world.said('unbonded');
  const fined = fines.reduce((sum, { amount }) => sum + amount, 0);
  t.ok(back !== undefined && back.amount < LEDGER.grant && back.amount >= LEDGER.grant - fined);
  t.match(world.account(lazy), { bonded: 0, unbonding: [] });
  t.equal(world.account(lazy).available, LEDGER.grant - fined);
  balanced(t, world);
});

/** Trust has forgotten the attempt by then, the ledger has not: it is about to be paid, or is free. */
for (const [when, cuts] of [['paid', 23], ['free', 28]] as const) {
  t.test(`an attempt offered once more, to another when the first is as good as ${when}`, async (t) => {
    const { world, requester, executor } = await start({ ledger: { settleCuts: 24 } });
    const other = world.party('other');
    const { offer, artifact } = world.deal(requester, executor, {
      settle: false,
      claim: { ack: { tokens: 40, signature: SIGNED } },
    });
    await world.pass(cuts);
    const again = { ...offer, executor: other.key };
    const hash = recordHash(encodeRecord(again));
    const answer = { ...artifact, executor: other.key, offer: hash };
    world.append(requester, 'jobs', again);
    world.append(other, 'artifacts', answer);
    const subject = toHex(recordHash(encodeRecord(answer)));
    const { job } = offer, evidence: number[] = [];
    world.works.set(subject, { subject, executor: other, requester, job, evidence, finding: 'ok' });
    world.silent.add(other.hex).add(requester.hex);
    await world.pass(12);
    const looked = world.of('subject').map(({ audited, rate }) => [audited, rate]);
    t.same(looked, [[true, 10_000], [false, 0]], 'no money is held for the second');
    t.same(world.said('verdict').map(({ outcome }) => outcome), ['ok']);
    t.equal(world.said('released').length, 1);
    t.equal(world.account(executor).pending, 0);
    t.ok(world.account(executor).available > LEDGER.grant);
    balanced(t, world);
  });
}

t.test('contradictions of one cut are punished once, and push nothing out', async (t) => {
  const { world, requester, executor } = await start();
  const cheat = world.party('cheat'), rich = world.party('rich');
  world.bond(executor, NCU);
  const digest = { tokens: 80, digest: bytes32('another'), signature: SIGNED };
  world.deal(requester, executor, { settle: { digest } });
  await world.pass(4);
  const [first] = world.said('slash');
  t.ok(first!.slash.amount > 0);
  for (let i = 0; i < 5; i++) {
    world.deal(rich, cheat, { offer: { priceCap: 0 }, settle: { digest } });
  }
  await world.pass(4);
  t.equal(world.codes.filter((code) => code === 'digest-contradiction').length, 6);
  t.equal(world.said('slash').length, 2);
  t.equal(world.account(cheat).violations, 1);
  const { slash } = world.said('slash')[1]!, state = world.ledger.state();
  state.misdeeds.slashes = [first!.slash, ...new Array<typeof slash>(255).fill(slash)];
  const restored = LedgerFold.restore(world.money, state);
  world.deal(rich, cheat, { offer: { priceCap: 0 }, settle: { digest } });
  const since = world.handed.length;
  await world.pass(4);
  for (const handed of world.handed.slice(since)) await restored.takeCut(...handed);
  t.equal(restored.view().slashes.length, 256);
  t.same(restored.view().slashes[0], first!.slash, 'who lost nothing pushes out nobody who did');
});

t.test('an offer of nothing is no ground for a record', async (t) => {
  const { world, requester, executor } = await start();
  const outcome = 'failed' as const;
  const settle = { outcome, tokens: 0, digest: null };
  world.deal(requester, executor, { offer: { priceCap: 0 }, artifact: false, settle });
  await world.cut();
  t.match(world.account(executor), { failed: 0, served: 0 });
  world.deal(requester, executor, { artifact: false, settle });
  world.deal(requester, executor);
  await world.cut();
  t.match(world.account(executor), { failed: 1, served: 1 });
});

t.test('the price follows work that was paid for', async (t) => {
  const { world, requester, executor } = await start({
    ledger: { priceStep: 100_000, utilLow: 0, utilHigh: 100_000 },
  });
  const offering = { profile: PROFILE, name: 'model', price: OUTPUT, class: EXECUTOR_CLASS };
  world.append(executor, 'artifacts', {
    type: 'capability',
    offerings: [offering],
    slots: 1,
    maxTokens: 4096,
    hardware: '',
    at: 0,
  });
  const artifact = { totalMs: 10_000_000 }, digest = null;
  const level = () => world.ledger.priceOf(toHex(PROFILE))!.level;
  world.deal(requester, executor, { artifact, offer: { priceCap: 0 } });
  world.deal(requester, executor, { artifact, settle: { tokens: 0, digest, outcome: 'failed' } });
  await world.cut();
  t.equal(level(), 1_000_000);
  world.deal(requester, executor, { artifact });
  await world.cut();
  t.equal(level(), 1_100_000);
});

t.test('roots are certified by more than two thirds; who differs is noted', async (t) => {
  const { world } = await start();
  const epoch = world.epoch, root = world.ledger.root;
  const say = (i: number, root: Uint8Array) => {
    const fields = { accounts: null, receipts: null };
    const record: LedgerRootRecord = {
      type: 'ledgerRoot',
      network: NETWORK,
      epoch,
      root,
      ...fields,
    };
    world.append(world.witnesses[i]!, 'attestations', record);
  };
  say(0, root);
  say(1, root);
  await world.cut();
  t.equal(world.ledger.view().certified, null);
  say(2, bytes32('other root'));
  await world.cut();
  t.strictSame(world.codes, ['root-mismatch']);
  t.equal(world.ledger.view().certified, null);
  say(2, root);
  await world.cut();
  t.equal(world.ledger.view().certified, null, 'its first word counts');
});

t.test('roots over field elements are certified one by one, on top of the same byte root', async (t) => {
  const { world } = await start();
  const epoch = world.epoch, root = world.ledger.root;
  const [one, other] = [bytes32('one'), bytes32('other')];
  const say = (i: number, accounts: Uint8Array | null, receipts: Uint8Array | null) => {
    const record = { type: 'ledgerRoot' as const, network: NETWORK, epoch, root };
    world.append(world.witnesses[i]!, 'attestations', { ...record, accounts, receipts });
  };
  say(0, one, null);
  say(1, one, other);
  await world.cut();
  t.same(world.ledger.view().fields, []);
  say(2, other, other);
  await world.cut();
  const hex = toHex(root);
  t.same(world.ledger.view().certified, { epoch, root: hex, accounts: null, receipts: null });
  t.same(world.ledger.view().fields, []);

  const next = world.epoch, now = world.ledger.root;
  for (const i of [0, 1, 2]) {
    world.append(world.witnesses[i]!, 'attestations', {
      type: 'ledgerRoot',
      network: NETWORK,
      epoch: next,
      root: now,
      accounts: one,
      receipts: i < 2 ? other : null,
    });
  }
  await world.cut();
  const fields = { epoch: next, accounts: toHex(one), receipts: null };
  t.same(world.ledger.view().fields, [fields]);
  t.same(world.ledger.view().certified, { root: toHex(now), ...fields });
  const restored = LedgerFold.restore(world.money, world.ledger.state());
  t.same(restored.view().fields, [fields]);
});

t.test('verdicts on what nobody knows change nothing', async (t) => {
  const { world, requester } = await start();
  const common = { network: NETWORK, subject: bytes32('nothing') };
  world.append(requester, 'attestations', {
    type: 'verdictCommit',
    ...common,
    value: bytes32('value'),
    at: 0,
  });
  await world.cut();
  t.strictSame(world.codes, ['verdict-unknown']);
  t.equal(world.said('finding')[0]!.finding.author, requester.hex);
});

t.test('what was offered for work is not put away as a bond in the same cut', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor);
  world.bond(requester, LEDGER.grant);
  await world.pass(2);
  t.strictSame(world.codes, ['bond-amount']);
  t.equal(world.said('payment').length, 1);
  t.equal(world.account(requester).bonded, 0);
  balanced(t, world);
});

t.test('credit: at most the bond, and what comes in repays it first', async (t) => {
  const { world, requester, executor } = await start({ ledger: { reputationHalf: 1 } });
  const rich = world.party('rich');
  for (let i = 0; i < 3; i++) {
    world.deal(rich, requester);
    await world.pass(7);
  }
  const { reputation } = world.account(requester);
  t.ok(reputation > 500_000, `${reputation}`);
  const { available } = world.account(requester);
  world.bond(requester, available - 1000);
  await world.cut();
  const { credit, has } = world.ledger.quote(requester.hex, 1);
  t.equal(credit, Math.floor(LEDGER.creditLimit * world.account(requester).reputation / 1e6));
  t.ok(world.ledger.quote(requester.hex, has + credit).ok);
  t.notOk(world.ledger.quote(requester.hex, has + credit + 1).ok);
  world.deal(requester, executor);
  await world.cut();
  t.ok(world.account(requester).owed > 0);
  world.unbond(requester, world.account(requester).bonded);
  world.deal(rich, requester);
  world.deal(rich, requester);
  await world.cut();
  t.ok(world.codes.includes('unbond-amount'), 'what secures a debt stays');
  await world.pass(14);
  t.equal(world.account(requester).owed, 0);
  balanced(t, world);
});

t.test('entries that claim to be older than those before them are noted', async (t) => {
  const { world, requester } = await start();
  for (const at of [10_000_000, 1000]) {
    world.append(requester, 'artifacts', { type: 'bond', network: NETWORK, amount: 1, at });
  }
  await world.cut();
  t.strictSame(world.codes, ['backdated']);
  t.equal(world.account(requester).bonded, 2, 'they count all the same');
});
