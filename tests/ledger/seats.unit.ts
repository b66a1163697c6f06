import fc from 'fast-check';
import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { capOf, LedgerFold, seatsFor, type SeatsInput } from '../../feeds/ledger/mod.ts';
import type { LedgerRootRecord, VoteRecord } from '../../feeds/records/mod.ts';
import {
  beaconAnchor,
  beaconValue,
  BeaconView,
  type Known,
  REVEAL_WINDOW,
  type TrustEvent,
  Weights,
} from '../../feeds/trust/mod.ts';
import { bytes32, NETWORK } from '../trust/world.ts';
import { Economy, NCU } from './economy.ts';

const hexOf = (i: number) => i.toString(16).padStart(64, '0');
const first = [{ key: fromHex(hexOf(99)), weight: 3 }];
const candidate = (i: number, units: number, more = {}) => ({
  key: hexOf(i),
  bonded: units * NCU,
  unbonding: [],
  status: 'active' as const,
  owed: 0,
  violations: 0,
  ...more,
});
const four = [1, 2, 3, 4].map((i) => candidate(i, 10 + i));

function wanted(more: Partial<SeatsInput> = {}): [string, number][] | null {
  const seats = seatsFor({
    candidates: four,
    presence: () => REVEAL_WINDOW,
    first,
    witnessBonds: 40 * NCU,
    ...more,
  });
  return seats && seats.map(({ key, weight }) => [toHex(key), weight]);
}

t.test('the greatest bonds have the seats, in the order of keys, by whole NCU', (t) => {
  const rest = candidate(5, 8, { bonded: 8 * NCU + 7 });
  t.same(wanted({ candidates: [rest, ...four] }), [
    [hexOf(1), 11],
    [hexOf(2), 12],
    [hexOf(3), 13],
    [hexOf(4), 14],
    [hexOf(5), 8],
  ]);
  const many = Array.from({ length: 40 }, (_, i) => candidate(i, i));
  const seats = wanted({ candidates: many })!;
  t.equal(seats.length, 32);
  t.equal(seats[0]![0], hexOf(8), 'the smallest have none');
  t.end();
});

t.test('below the threshold, or with less than four, it is the first witnesses', (t) => {
  const old = [[hexOf(99), 3]];
  t.same(wanted({ witnessBonds: 51 * NCU }), old);
  t.same(wanted({ candidates: four.slice(1) }), old);
  t.equal(wanted({ witnessBonds: 0 }), null, 'the rule is absent');
  for (
    const no of [
      { status: 'banned' },
      { violations: 1 },
      { bonded: NCU - 1 },
      { owed: 14 * NCU },
      { unbonding: [{ amount: 14 * NCU, cut: 9 }] },
    ]
  ) t.same(wanted({ candidates: [...four.slice(0, 3), candidate(4, 14, no)] }), old);
  t.end();
});

t.test('who is silent has no seat, and nobody returns to first witnesses who have gone', (t) => {
  const half = REVEAL_WINDOW / 2;
  const but = (gone: number[], shown: number) => (key: string) =>
    gone.some((i) => key === hexOf(i)) ? shown : REVEAL_WINDOW;
  t.equal(wanted({ presence: but([4], half) })?.length, 4, 'half is enough');
  t.same(wanted({ presence: but([4], half - 1) }), [[hexOf(99), 3]]);
  t.equal(wanted({ presence: but([4, 99], half - 1) }), null, 'it stays as it is');
  const five = [...four, candidate(5, 9)];
  t.equal(wanted({ candidates: five, presence: but([4, 99], 0) })?.length, 4);
  t.end();
});

t.test('crumbs beside one great bond are no electorate', (t) => {
  const crumbs = [1, 2, 3].map((i) => candidate(i, 1));
  const old = [[hexOf(99), 3]];
  t.same(wanted({ candidates: [candidate(4, 500), ...crumbs] }), old);
  const more = [candidate(4, 500), candidate(5, 500), ...crumbs];
  t.same(wanted({ candidates: more }), old, 'nor beside two');
  t.equal(wanted({ candidates: [candidate(6, 500), ...more] })?.length, 6);
  t.end();
});

/** @returns the hostile part of the weight, where all bonds are equal; null: the file's witnesses certify */
function partOf(honest: number, hostile: number) {
  const candidates = [
    ...Array.from({ length: hostile }, (_, i) => candidate(i + 1, 100)),
    ...Array.from({ length: honest }, (_, i) => candidate(1000 + i, 100)),
  ];
  const seats = wanted({
    candidates,
    witnessBonds: 500 * NCU,
    first: [{ ...first[0]!, weight: 1 }],
  })!;
  if (seats.length === 1) return null;
  const sum = (list: typeof seats) => list.reduce((all, [, weight]) => all + weight, 0);
  return sum(seats.filter(([key]) => key < hexOf(1000))) / sum(seats);
}

t.test('beyond the seats, few of many equal bonds do not certify alone', (t) => {
  for (const [honest, hostile] of [[32, 22], [100, 22], [100, 11], [300, 11], [300, 22]] as const) {
    t.equal(partOf(honest, hostile), null, `${hostile} of ${honest + hostile}`);
  }
  t.equal(partOf(11, 21), 21 / 32, 'who has all seats has them by its bonds');
  t.equal(partOf(20, 22), 22 / 32, 'which of equal bonds are seated, their keys say');
  t.equal(partOf(20, 23), null, '32 of 43 are not more than three quarters');
  t.end();
});

t.test('crumbs beyond the seats end nothing until they are a quarter of all bonds', (t) => {
  const seated = Array.from({ length: 32 }, (_, i) => candidate(1000 + i, 90));
  const crumbs = (count: number) => Array.from({ length: count }, (_, i) => candidate(2000 + i, 1));
  const with32 = { candidates: [...seated, ...crumbs(959)] };
  t.equal(wanted(with32)?.length, 32);
  t.ok(wanted(with32)!.every(([key]) => key < hexOf(2000)), 'they have no seat');
  t.same(wanted({ candidates: [...seated, ...crumbs(960)] }), [[hexOf(99), 3]]);
  const gone = (key: string) => key === hexOf(99) ? 0 : REVEAL_WINDOW;
  t.equal(wanted({ candidates: [...seated, ...crumbs(960)], presence: gone }), null, 'it stays');
  const silent = (key: string) => key >= hexOf(2000) ? 0 : REVEAL_WINDOW;
  const all = { candidates: [...seated, ...crumbs(960)], presence: silent };
  t.equal(wanted(all)?.length, 32, 'who is not there has no part in it');
  t.end();
});

t.test('whoever certifies alone has more than half of all bonds, whatever the others have', (t) => {
  const units = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2000 }));
  const one = fc.record({ units, hostile: fc.boolean() });
  fc.assert(
    fc.property(fc.array(one, { minLength: 4, maxLength: 60 }), (list) => {
      const candidates = list.map(({ units }, i) => candidate(100 + i, units));
      const seats = wanted({ candidates, witnessBonds: NCU });
      if (seats!.length === 1) return true;
      const isHostile = (key: string) => list[parseInt(key, 16) - 100]!.hostile;
      let weight = 0, bonded = 0, allWeight = 0, allBonded = 0;
      for (const [key, of] of seats!) {
        allWeight += of;
        if (isHostile(key)) weight += of;
      }
      for (const { key, bonded: own } of candidates) {
        allBonded += own;
        if (isHostile(key)) bonded += own;
      }
      if (3 * weight > 2 * allWeight && 2 * bonded <= allBonded) return false;
      // And who ends all cuts by falling silent has more than a quarter.
      return !(3 * weight >= allWeight && 4 * bonded <= allBonded);
    }),
    {
      numRuns: 1000,
      examples: [[[1000, 100, 100, 100].map((units, i) => ({ units, hostile: i > 0 }))]],
    },
  );
  t.end();
});

t.test('nobody has a third of the weight, whatever the bonds, and no bond counts for less than it must', (t) => {
  const bonds = fc.array(fc.integer({ min: 1, max: 2 ** 30 }), { minLength: 4, maxLength: 32 });
  fc.assert(fc.property(bonds, (list) => {
    const sorted = list.sort((a, b) => b - a);
    const totalOf = (cap: number) => sorted.reduce((sum, bond) => sum + Math.min(bond, cap), 0);
    const cap = capOf(sorted), top = Math.min(sorted[0]!, cap);
    if (!(cap >= 1 && 3 * top < totalOf(cap))) return false;
    return cap >= sorted[0]! || 3 * (cap + 1) >= totalOf(cap + 1);
  }));
  t.end();
});

t.test('who stands by shows by its reveals that it is there; beacons are made without it', (t) => {
  const secret = bytes32('standby'), who = hexOf(7), LENGTH = 80;
  const chain = {
    type: 'beaconChain' as const,
    network: NETWORK,
    anchor: beaconAnchor(secret, LENGTH),
    length: LENGTH,
    from: 1,
  };
  const reveal = (epoch: number) => ({
    type: 'beaconReveal' as const,
    network: NETWORK,
    epoch,
    value: beaconValue(secret, LENGTH, epoch - 1),
  });
  const place = (cut: number) => ({ core: 'c', index: 1, cut });
  const weights = new Weights(first);
  let bonded = false;
  const view = new BeaconView(weights, () => bonded);
  t.equal(view.takeChain(who, chain, place(0)), null);
  t.not(view.takeReveal(who, reveal(1), place(2)), null, 'it has no bond');
  bonded = true;
  for (let epoch = 1; epoch < 50; epoch++) {
    t.equal(view.takeReveal(who, reveal(epoch), place(epoch + 1)), null);
    t.match(view.conclude(epoch, bytes32('cut')), { value: null, missed: [hexOf(99)] });
    t.equal(view.presence(who), Math.min(epoch, REVEAL_WINDOW));
  }
  const later = new BeaconView(weights, () => true);
  later.load(view.state());
  for (let epoch = 50; epoch < 50 + REVEAL_WINDOW; epoch++) later.conclude(epoch, bytes32('cut'));
  t.equal(later.presence(who), 0);
  const none = new BeaconView(weights);
  t.not(none.takeChain(who, chain, place(0)), null, 'a network without the rule');
  t.end();
});

t.test('what a wrong reveal costs is bounded for each cut', (t) => {
  const weights = new Weights(first);
  const view = new BeaconView(weights, () => true), LENGTH = 40_000;
  const place = { core: 'c', index: 1, cut: 0 };
  const made = (name: string) => ({
    type: 'beaconChain' as const,
    network: NETWORK,
    anchor: beaconAnchor(bytes32(name), LENGTH),
    length: LENGTH,
    from: 1,
  });
  const reveal = (epoch: number, name: string) => ({
    type: 'beaconReveal' as const,
    network: NETWORK,
    epoch,
    value: name === '' ? bytes32('wrong') : beaconValue(bytes32(name), LENGTH, epoch - 1),
  });
  for (const i of [1, 2]) t.equal(view.takeChain(hexOf(i), made(`chain ${i}`), place), null);
  const at = (cut: number) => ({ ...place, cut });
  const late = 39_000, next = late + 1;
  t.match(view.takeReveal(hexOf(1), reveal(late, ''), at(next)), /its author's chain/);
  const again = view.takeReveal(hexOf(1), reveal(late, 'chain 1'), at(next));
  t.match(again, /no chain/, 'its author has to name another one');
  const second = view.takeReveal(hexOf(2), reveal(late, 'chain 2'), at(next));
  t.match(second, /too many/, 'and of those who were long away few');
  view.conclude(late, bytes32('cut'));
  t.equal(view.takeReveal(hexOf(2), reveal(next, 'chain 2'), at(next + 1)), null, 'then the next');
  for (let epoch = next; epoch < LENGTH + 64; epoch++) view.conclude(epoch, bytes32('cut'));
  t.equal(view.state().chains.size, 0, 'chains that have run out are forgotten');
  t.end();
});

t.test('a root is vouched for by those who certified its cut, before and after a change', async (t) => {
  const { money } = new Economy();
  const fold = new LedgerFold(money);
  const others = [1, 2, 3, 4].map((i) => ({ key: fromHex(hexOf(i)), weight: 1 }));
  const old = money.witnesses;
  const roots = new Map<number, Uint8Array>();
  const word = (key: Uint8Array, epoch: number, index: number): Known<LedgerRootRecord> => ({
    owner: toHex(key),
    ownerKey: key,
    place: { core: toHex(key), index, cut: 0 },
    bytes: new Uint8Array(),
    record: {
      type: 'ledgerRoot',
      network: NETWORK,
      epoch,
      root: roots.get(epoch)!,
      accounts: bytes32('accounts', epoch),
      receipts: null,
    },
  } as unknown as Known<LedgerRootRecord>);
  const take = async (epoch: number, known: Known[] = []) => {
    const electorate = epoch < 4 ? old : others;
    const seats = epoch === 2 ? others : null;
    const none: TrustEvent[] = [];
    await fold.takeCut({ epoch, electorate, seats }, known, none, () => null);
    roots.set(epoch, fold.root);
  };
  for (const epoch of [0, 1, 2, 3]) await take(epoch);
  t.match(fold.view().electorate, { since: 0, coming: { from: 4, seats: { length: 4 } } });
  await take(4);
  t.match(fold.view().electorate, { since: 4, seats: { length: 4 }, coming: null });
  await take(5, [
    ...old.map(({ key }) => word(key, 4, 1)),
    ...others.map(({ key }) => word(key, 3, 1)),
  ]);
  t.equal(fold.view().certified, null, 'neither had a voice in the other’s epoch');
  await take(6, old.map(({ key }) => word(key, 3, 2)));
  t.equal(fold.view().certified?.epoch, 3, 'of its own epoch one speaks later, too');
  await take(7, others.slice(1).map(({ key }) => word(key, 5, 2)));
  t.equal(fold.view().certified?.epoch, 5);
  t.same(fold.view().fields.map(({ epoch }) => epoch), [3, 5]);
  const again = LedgerFold.restore(money, JSON.parse(JSON.stringify(fold.state())));
  t.same(again.view(), fold.view());
});

t.test('a bonded witness that votes twice loses its bond and its seat', async (t) => {
  const world = new Economy({ ledger: { witnessBonds: NCU } });
  const witness = world.party('bonded witness');
  await world.pass(3);
  world.bond(witness, 20 * NCU);
  await world.pass(2);
  t.ok(world.ledger.mayStand(witness.hex));
  const vote = (cut: Uint8Array | null): VoteRecord => ({
    type: 'vote',
    network: NETWORK,
    epoch: 4,
    round: 0,
    step: 'precommit',
    cut,
    witness: witness.key,
    signature: new Uint8Array(64).fill(1),
  });
  world.accuse(world.party('accuser'), witness, vote(null), vote(bytes32('cut')));
  await world.pass(2);
  t.match(world.said('slash'), [{ slash: { offender: witness.hex, amount: 20 * NCU } }]);
  t.notOk(world.ledger.mayStand(witness.hex));
  t.same([...world.ledger.candidates()].map(({ key }) => key), []);
});
