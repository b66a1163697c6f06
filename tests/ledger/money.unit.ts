import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { checkAccount } from '../../feeds/ledger/mod.ts';
import { Economy, imbalance, LEDGER, NCU, OUTPUT, PROMPT, summed } from './economy.ts';

/** 80 tokens out, 10 in. */
const GROSS = 80 * OUTPUT + 10 * PROMPT;
const FEE = GROSS * LEDGER.feeShare / 1_000_000;

async function start(options: ConstructorParameters<typeof Economy>[0] = {}) {
  const world = new Economy(options);
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  return { world, requester, executor };
}

t.test('an answer is paid, held until it cannot be challenged, then free', async (t) => {
  const { world, requester, executor } = await start();
  t.equal(world.account(requester).available, LEDGER.grant);
  world.deal(requester, executor);
  await world.cut();
  const [{ payment }] = world.said('payment') as [ReturnType<typeof world.said<'payment'>>[0]];
  t.equal(payment.gross, GROSS);
  t.equal(payment.tokens, 80);
  t.equal(payment.fee, FEE);
  t.equal(world.account(executor).pending, GROSS - FEE);
  t.equal(world.account(requester).available, LEDGER.grant - GROSS);
  t.equal(world.account(requester).escrow, FEE);
  await world.pass(5);
  t.equal(world.account(executor).pending, GROSS - FEE, 'not yet');
  await world.pass(8);
  const { pending, available } = world.account(executor);
  t.equal(pending, 0);
  t.ok(available >= LEDGER.grant + GROSS - FEE && available <= LEDGER.grant + GROSS);
  t.equal(world.account(requester).escrow, 0);
  const { totals, accounts } = world.ledger.view();
  t.equal(totals.burned, FEE);
  t.ok(totals.emission > 0 && totals.emission <= FEE);
  t.equal(imbalance(totals), 0n);
  t.match(totals, summed(accounts));
  t.equal(world.account(executor).verified, 1);
  t.ok(world.account(executor).reputation > 0);
});

t.test('an offer holds what it may cost, and nobody answers what is not there', async (t) => {
  const { world, requester, executor } = await start();
  world.deal(requester, executor, { artifact: false, settle: false });
  const priceCap = 1000 * OUTPUT;
  world.deal(requester, executor, { offer: { priceCap }, artifact: false, settle: false });
  await world.cut();
  const held = 200 * 2 * OUTPUT + 10 * 2 * PROMPT;
  t.equal(world.account(requester).escrow, held);
  t.strictSame(world.codes, ['job-unfunded']);
  const { has, credit } = world.ledger.quote(requester.hex, 1);
  t.equal(has, LEDGER.grant - held);
  t.equal(credit, 0, 'no credit without a bond');
  t.notOk(world.ledger.quote(requester.hex, has + 1).ok);
  t.ok(world.ledger.quote(requester.hex, has).ok);
  await world.pass(4);
  t.equal(world.account(requester).available, LEDGER.grant, 'nothing came: it goes back');
  t.equal(world.said('returned').length, 1);
});

t.test('a bond is what it covers: unsettled earnings times n', async (t) => {
  const { world, requester, executor } = await start();
  t.strictSame(world.ledger.exposure(executor.hex), { unsettled: 0, cap: 0, covered: false, n: 4 });
  world.bond(executor, 10 * NCU);
  world.bond(executor, 1000 * NCU);
  world.deal(requester, executor);
  await world.cut();
  t.strictSame(world.codes, ['bond-amount']);
  t.equal(world.account(executor).bonded, 10 * NCU);
  const { unsettled, cap, covered } = world.ledger.exposure(executor.hex);
  t.strictSame({ unsettled, cap, covered }, { unsettled: GROSS, cap: 2.5 * NCU, covered: true });
  world.unbond(executor, 4 * NCU);
  world.unbond(executor, 7 * NCU);
  await world.cut();
  t.strictSame(world.codes, ['bond-amount', 'unbond-amount']);
  t.equal(world.account(executor).bonded, 10 * NCU, 'it stays until it cannot be slashed any more');
  t.equal(world.ledger.exposure(executor.hex).cap, 1.5 * NCU, 'but covers nothing that is new');
  world.unbond(executor, 6 * NCU);
  await world.cut();
  t.match(world.ledger.exposure(executor.hex), { cap: 0, covered: false });
  await world.pass(12);
  t.equal(world.account(executor).bonded, 0);
  t.equal(world.account(executor).unbonding.length, 0);
});

t.test('the root stands for every account, and moves with what happens', async (t) => {
  const { world, requester, executor } = await start();
  const before = toHex(world.ledger.root);
  world.deal(requester, executor);
  await world.cut();
  t.not(toHex(world.ledger.root), before);
  const proof = world.ledger.prove(executor.hex);
  t.strictSame(checkAccount(proof, world.ledger.root).account, world.ledger.account(executor.hex));
  t.throws(() => world.ledger.prove('00'.repeat(32)), { code: 'ACCOUNT_UNKNOWN' });
  t.throws(() => checkAccount(proof, fromHex(before)), { code: 'ACCOUNT_PROOF_ROOT' });
});
