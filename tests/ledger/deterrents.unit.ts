import t from 'tap';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { audited, plant } from '../trust/planting.ts';
import { drawEvidence, EMPTY, type Manners } from '../trust/world.ts';
import { NetworkFold } from '../../feeds/ledger/mod.ts';
import { type Deal, Economy, imbalance, LEDGER, NCU, OUTPUT, PROMPT } from './economy.ts';

const GROSS = 80 * OUTPUT + 10 * PROMPT;

async function start(options: ConstructorParameters<typeof Economy>[0] = {}) {
  const world = new Economy(options);
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  return { world, requester, executor };
}

t.test('who is audited more pays for more audits', async (t) => {
  const ledger = { auditFee: 300_000 };
  const { world, requester, executor } = await start({ ledger, rules: { auditRamp: 1 } });
  world.deal(requester, executor);
  await world.cut();
  t.equal(world.said('payment')[0]!.payment.fee, GROSS * 0.32, 'all of a newcomer is audited');
  for (let i = 0; i < 12; i++) {
    world.deal(requester, executor);
    await world.pass(3);
  }
  await world.pass(12);
  world.deal(requester, executor);
  await world.cut();
  const { fee } = world.said('payment').at(-1)!.payment;
  t.ok(fee < GROSS * 0.2 && fee >= GROSS * 0.02, `${fee} of ${GROSS}`);
  t.equal(imbalance(world.ledger.view().totals), 0n);
});

t.test('who takes an answer and says nothing pays for it, but nobody', async (t) => {
  const { world, requester, executor } = await start({ ledger: { silentTokens: 64 } });
  world.deal(requester, executor, { settle: false });
  await world.pass(12);
  t.equal(world.said('payment').length, 0);
  const fine = { type: 'fine', account: requester.hex, amount: 64 * OUTPUT + 10 * PROMPT } as const;
  t.same(world.said('fine'), [fine]);
  t.equal(world.account(requester).available, LEDGER.grant - 64 * OUTPUT - 10 * PROMPT);
  t.equal(world.account(executor).available, LEDGER.grant, 'or it would pay to invent answers');
  t.equal(imbalance(world.ledger.view().totals), 0n);
});

t.test('who says that nothing came, or has acknowledged it, pays nothing more', async (t) => {
  const { world, requester, executor } = await start({ ledger: { silentTokens: 64 } });
  world.deal(requester, executor, { settle: { outcome: 'failed', tokens: 0, digest: null } });
  const signature = new Uint8Array(64).fill(1);
  world.deal(requester, executor, { settle: false, claim: { ack: { tokens: 80, signature } } });
  await world.pass(12);
  t.equal(world.said('fine').length, 0);
  t.equal(world.account(requester).available, LEDGER.grant - GROSS);
});

t.test('who is silent of a part of an answer pays its executor for the rest first', async (t) => {
  const { world, requester, executor } = await start({ ledger: { silentTokens: 96 } });
  const signature = new Uint8Array(64).fill(1), sampling = { tq: 0, pq: 65_536, maxTokens: 64 };
  world.deal(requester, executor, {
    tokens: 64,
    offer: { priceCap: OUTPUT, sampling },
    settle: false,
    claim: { ack: { tokens: 63, signature } },
  });
  await world.pass(20);
  const gross = 63 * OUTPUT + 10 * PROMPT;
  t.match(world.said('payment'), [{ payment: { tokens: 63, gross } }]);
  t.same(
    world.said('fine').map(({ amount }) => amount),
    [OUTPUT],
    'all that is left of the escrow',
  );
  t.equal(world.account(requester).available, LEDGER.grant - 64 * OUTPUT - 10 * PROMPT);
  t.ok(world.account(executor).earned > 0);
  t.equal(imbalance(world.ledger.view().totals), 0n);
});

t.test('what most of a panel objects to is not paid, whoever made it', async (t) => {
  const { world, requester, executor } = await start({ rules: { lifetimeAlpha: 1 } });
  world.bond(executor, NCU);
  // Not enough to prove anything for a lifetime.
  const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1).map(() => 65_536);
  world.deal(requester, executor, { finding: 'trigger', evidence });
  while (!world.said('verdict').some(({ outcome }) => outcome === 'suspect')) await world.cut();
  t.equal(world.said('slash').length, 0);
  t.equal(world.account(requester).available, LEDGER.grant);
  t.equal(world.account(executor).pending, 0);
  t.equal(world.account(executor).bonded, NCU);
  await world.pass(20);
  t.ok(world.account(executor).available < LEDGER.grant, 'and it stays so');
  t.equal(imbalance(world.ledger.view().totals), 0n);
});

t.test('an auditor that does not read loses more than it saves', async (t) => {
  const { world, requester, executor } = await start({ auditors: 6 });
  const lazy = world.auditors[0]!;
  world.manners.set(lazy.hex, {
    says: (honest) => ({
      ...honest,
      readings: honest.readings.map((reading) => ({ ...reading, byte: 255 - reading.byte })),
    }),
  });
  for (let i = 0; i < 60; i++) world.deal(requester, executor);
  await world.pass(24);
  const faults = world.of('auditor').filter(({ fault }) => fault === 'readings');
  t.ok(faults.length > 0 && faults.every(({ auditor }) => auditor === lazy.hex));
  const lost = world.said('fine').filter(({ account }) => account === lazy.hex)
    .reduce((sum, { amount }) => sum + amount, 0);
  t.equal(lost, faults.length * LEDGER.faultFine);
  t.ok(world.said('fine').every(({ account }) => account === lazy.hex));
  t.equal(imbalance(world.ledger.view().totals), 0n);
});

/** What each auditor is paid and fined in a mesh of six, of whom two have those manners. */
async function auditing(manners: Manners, deal: Deal = {}) {
  const { world, requester, executor } = await start({ auditors: 6 });
  const some = world.auditors.slice(0, 2).map(({ hex }) => hex);
  for (const hex of some) world.manners.set(hex, manners);
  for (let i = 0; i < 20; i++) {
    world.deal(requester, executor, deal);
    await world.cut();
  }
  await world.pass(24);
  const paid = world.said('reward').filter(({ role }) => role === 'auditor');
  const fined = world.said('fine').map(({ account }) => account);
  return { world, some, executor, fined, paid: new Set(paid.map(({ account }) => account)) };
}

t.test('who shows nothing of what it read is not paid, and not fined', async (t) => {
  const { world, some, paid, fined } = await auditing(EMPTY);
  const said = world.of('duty').filter(({ duty }) =>
    duty.state === 'revealed' && some.includes(duty.auditor)
  );
  t.ok(said.length > 4);
  t.equal(paid.size, 4);
  t.ok(some.every((hex) => !paid.has(hex)), "its share is the others'");
  t.same(fined, [], 'the key may have been kept from it alone');
  t.equal(imbalance(world.ledger.view().totals), 0n);
});

t.test('who has read and cannot tell is paid', async (t) => {
  const { paid, fined } = await auditing({
    says: (honest) => ({ ...honest, finding: 'inconclusive' }),
  });
  t.same([paid.size, fined], [6, []], 'too few tokens');
  const uncalibrated = { artifact: { class: new Uint8Array(32).fill(77) } };
  const none = await auditing({
    says: (honest) => ({ ...honest, finding: 'inconclusive' }),
  }, uncalibrated);
  t.ok(none.world.of('duty').every(({ duty }) => duty.calibration === null));
  t.same([none.paid.size, none.fined], [6, []], 'no calibration');
});

t.test('what a witness says that it planted costs nobody money', async (t) => {
  const { world, requester, executor } = await start();
  const author = world.witnesses[0]!, findings = ['ok', 'ok'] as ('ok' | 'trigger')[];
  const says = (honest: boolean) => !honest;
  const planted = plant(world, { author, executor, requester: author, findings, says });
  await world.cut();
  world.deal(requester, executor);
  await audited(world, planted.run());
  planted.reveal();
  await world.cut();
  t.match(world.of('canary'), [{ counted: true }, { counted: true }]);
  t.ok(world.of('auditor').length > 0, 'it is a mark in the records');
  t.ok(world.of('auditor').every(({ fault }) => fault === 'canary'));
  t.same(world.said('fine'), []);
});

t.test("what holds no money is nobody's to read, and counts for no record", async (t) => {
  const { world, requester, executor } = await start({ ledger: { auditFee: 300_000 } });
  const free = world.party('free'), unpaid = world.party('unpaid');
  await world.cut();
  for (let i = 0; i < 8; i++) {
    world.deal(requester, executor);
    world.deal(requester, free, { price: 0, offer: { priceCap: 0 }, artifact: { ncu: 0 } });
    // More than its author has.
    world.deal(requester, unpaid, { offer: { priceCap: LEDGER.grant } });
    await world.cut();
  }
  await world.pass(20);
  const { options, money } = world;
  const network = new NetworkFold({ ...options, terms: money.terms, audit: money.audit });
  for (const { cut, entries } of world.cuts) await network.takeCut(cut, entries);
  const { verified, reputation } = network.ledger!.account(executor.hex)!;
  t.ok(verified > 0 && reputation > 0 && network.trust.executor(executor.hex)!.clean === 8);
  for (const { hex } of [free, unpaid]) {
    t.match(network.trust.executor(hex), { subjects: 8, audited: 0, clean: 0 });
    t.match(world.fold.executor(hex), { subjects: 8, audited: 0, clean: 0 });
    t.match(network.ledger!.account(hex), { verified: 0, reputation: 0, served: 0 });
  }
  t.ok(world.of('duty').every(({ duty }) => duty.subject.executor === executor.hex));
});

t.test('money that goes back was held all the same', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, { settle: { outcome: 'failed', tokens: 0, digest: null } });
  await world.pass(12);
  t.equal(world.said('payment').length, 0);
  t.match(world.fold.executor(executor.hex), { subjects: 1, audited: 1, clean: 1 });
});
