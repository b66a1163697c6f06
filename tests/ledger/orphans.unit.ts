import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { Orphans, type Work } from '../../feeds/ledger/orphans.ts';
import type { LedgerWorld } from '../../feeds/ledger/world.ts';
import { Economy, imbalance, LEDGER, OUTPUT, PROMPT } from './economy.ts';

const GROSS = 80 * OUTPUT + 10 * PROMPT;

/** The offer reaches a cut so many cuts after the artifact and the claim. */
async function late(cuts: number, settles: boolean): Promise<{ world: Economy; spent: number }> {
  const world = new Economy();
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  const signature = new Uint8Array(64).fill(1), core = toHex(requester.cores.jobs);
  world.deal(requester, executor, {
    claim: { ack: { tokens: 80, signature } },
    ...(settles ? {} : { settle: false as const }),
  });
  await world.pass(cuts, { lagging: (one) => one === core });
  await world.pass(24);
  return { world, spent: LEDGER.grant - world.account(requester).available };
}

t.test('an answer whose offer is late is paid as long as it can be audited', async (t) => {
  for (const settles of [true, false]) {
    for (const cuts of [0, 3, 6, 12]) {
      const { world, spent } = await late(cuts, settles);
      t.equal(spent, GROSS, `${cuts} cuts late, ${settles ? 'settled' : 'claimed'}`);
      t.equal(world.said('released').length, 1);
      t.same(world.codes, []);
      t.equal(imbalance(world.ledger.view().totals), 0n);
    }
  }
  const { world } = await late(14, false);
  t.same(world.codes, ['settle-unknown', 'settle-unknown'], 'not for ever');
  t.equal(world.said('payment').length, 0);
});

function bench() {
  const refused: string[] = [];
  const rules = { settleCuts: 4 };
  const refuse = (_: string, __: unknown, owner: string) => refused.push(owner);
  const world = { cut: 0, challengeCuts: 20, rules, refuse } as unknown as LedgerWorld;
  const work = (owner: string) =>
    ({ type: 'claim', owner, place: { cut: world.cut } }) as unknown as Work;
  return { world, work, refused };
}

t.test('what waits takes no more than its room, and leaves some for what is new', (t) => {
  const { world, work, refused } = bench();
  const orphans = new Orphans();
  for (let i = 0; i < 3000; i++) orphans.keep(`a${i}`, work('busy'), world);
  orphans.keep('b', work('calm'), world);
  world.cut = 4;
  orphans.forget(world);
  t.equal(orphans.size, 3001);
  world.cut = 5;
  orphans.forget(world);
  t.equal(orphans.size, 2049, 'half of the room is free again');
  t.equal(orphans.take('a951').length, 0, 'the oldest went');
  t.equal(orphans.take('a952').length, 1);
  t.ok(refused.length === 952 && refused.every((owner) => owner === 'busy'));
  for (let i = 0; i < 5000; i++) orphans.keep(`c${i}`, work('busy'), world);
  t.equal(orphans.size, 4097);
  t.equal(orphans.take('b').length, 1, 'what others do costs nobody else anything');
  t.end();
});

t.test('an old entry for a job takes no newer one of it along', (t) => {
  const { world, work, refused } = bench();
  const orphans = new Orphans();
  orphans.keep('job', work('early'), world);
  world.cut = 30;
  orphans.keep('other', work('x'), world);
  orphans.keep('job', work('honest'), world);
  world.cut = 41;
  orphans.forget(world);
  t.same(refused, ['early']);
  t.same(new Orphans(orphans.state()).take('job').map(({ owner }) => owner), ['honest']);
  world.cut = 71;
  orphans.forget(world);
  t.equal(orphans.size, 0);
  t.end();
});
