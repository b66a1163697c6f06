import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { type LedgerEvent, LedgerFold } from '../../feeds/ledger/mod.ts';
import { Roots } from '../../feeds/ledger/roots.ts';
import { bytes32, NETWORK } from '../trust/world.ts';
import { Economy } from './economy.ts';

t.test('the witnesses certify another root: that is said, of the first such epoch, once', async (t) => {
  const world = new Economy();
  await world.pass(3);
  const first = world.epoch, roots = [toHex(world.ledger.root)];
  await world.cut();
  roots.push(toHex(world.ledger.root));
  const other = bytes32('other root');
  const say = (i: number, epoch: number, root: Uint8Array) =>
    world.append(world.witnesses[i]!, 'attestations', {
      type: 'ledgerRoot',
      network: NETWORK,
      epoch,
      root,
      accounts: null,
      receipts: null,
    });
  const told = () => world.told.filter(({ type }) => type === 'differs');
  for (let again = 0; again < 3; again++) say(0, first, other);
  await world.cut();
  t.equal(world.ledger.view().differs, null, 'one witness alone says nothing, however often');
  say(1, first, bytes32('a third root'));
  say(2, first, other);
  await world.cut();
  t.equal(world.ledger.view().differs, null, 'two of three are not more than two thirds');
  for (const i of [0, 1, 2]) say(i, first + 1, other);
  await world.cut();
  const differs = { epoch: first + 1, root: roots[1], certified: toHex(other) };
  t.same(world.ledger.view().differs, differs);
  t.same(told(), [{ type: 'differs', ...differs }]);
  t.equal(world.ledger.view().certified, null);
  const restored = LedgerFold.restore(world.money, world.ledger.state());
  t.same(restored.view().differs, differs, 'a restart forgets nothing');
  for (const i of [0, 1, 2]) say(i, first + 2, other);
  await world.cut();
  t.same(world.ledger.view().differs, differs, 'what follows from it is not told again');
  t.equal(told().length, 1);
});

t.test('one lying witness changes nothing of what the others certify, in whatever order they speak', (t) => {
  const witnesses = ['a', 'b', 'c', 'd'];
  const electors = {
    at: () => ({
      has: (key: string) => witnesses.includes(key),
      of: (keys: readonly string[]) => keys.length,
      total: 4,
    }),
  } as unknown as ConstructorParameters<typeof Roots>[0];
  const said = fc.record({
    epochs: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
    order: fc.shuffledSubarray(witnesses, { minLength: 4 }),
    liars: fc.subarray(witnesses),
  });
  fc.assert(fc.property(said, ({ epochs, order, liars }) => {
    const roots = new Roots(electors), own = bytes32('own'), events: LedgerEvent[] = [];
    const world = { emit: (event: LedgerEvent) => events.push(event), refuse: () => {} };
    for (const epoch of [0, 1, 2]) roots.add(epoch, toHex(own));
    for (const epoch of epochs) {
      for (const owner of order) {
        const root = liars.includes(owner) ? bytes32('lie') : own;
        const record = { type: 'ledgerRoot', epoch, root, accounts: null, receipts: null };
        roots.take(
          { owner, place: {}, record } as unknown as Parameters<Roots['take']>[0],
          world as unknown as Parameters<Roots['take']>[1],
        );
      }
    }
    t.equal(roots.differs?.epoch ?? null, liars.length > 2 ? 0 : null);
    t.equal(roots.certified?.epoch ?? null, liars.length < 2 ? 2 : null);
  }));
  t.end();
});
