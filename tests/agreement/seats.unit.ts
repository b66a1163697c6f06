import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import {
  cutHash,
  decodeRecord,
  encodeRecord,
  type ProposalRecord,
  type Seat,
  type VoteRecord,
} from '../../feeds/records/mod.ts';
import {
  type Cut,
  CutView,
  Electorate,
  SEATS_EVERY,
  SEATS_LAG,
  verifyCut,
} from '../../feeds/agreement/mod.ts';
import { cutsOf, headOf, keyOf, NETWORK, signAs, verify, World } from './world.ts';

const seat = (i: number, weight = 1): Seat => ({ key: keyOf(i), weight });
const first = [seat(0), seat(1), seat(2), seat(3)];

t.test('stated seats are in force two epochs later, and one change at a time is on its way', (t) => {
  const electorate = new Electorate(first), seats = [seat(4), seat(5), seat(6), seat(7, 2)];
  t.ok(electorate.allows(seats, 9));
  electorate.learn(9, seats);
  t.same(electorate.at(10).keys, first.map(({ key }) => toHex(key)));
  t.equal(electorate.at(11).weightOf(toHex(keyOf(7))), 2);
  t.notOk(electorate.allows(first, 10), 'too soon');
  electorate.learn(10, null);
  t.equal(electorate.known.length, 1);
  t.same(new Electorate(first, electorate.state()).state(), electorate.state());
  t.notOk(electorate.allows(first, 9 + SEATS_EVERY - 1));
  t.ok(electorate.allows(first, 9 + SEATS_EVERY));
  t.notOk(electorate.allows(seats, 9 + SEATS_EVERY), 'they are seated already');
  t.end();
});

t.test('improper lists of seats are never allowed', (t) => {
  const electorate = new Electorate(first);
  const improper = [
    [],
    [seat(5), seat(4)],
    [seat(4), seat(4)],
    [seat(4, 0)],
    [seat(4, 1.5)],
    [seat(4, -1)],
    first,
  ];
  for (const seats of improper) t.notOk(electorate.allows(seats, 9));
  t.end();
});

async function proposal(seats: Seat[] | null, witness = 0): Promise<ProposalRecord> {
  const heads = [headOf(0, 1)], previous = new Uint8Array(32);
  const base = { type: 'proposal' as const, network: NETWORK, epoch: 0, round: 0, previous };
  return await signAs<ProposalRecord>({
    ...base,
    heads,
    validRound: null,
    seats,
    witness: keyOf(witness),
  });
}

function vote(witness: number, record: ProposalRecord) {
  const { network, epoch, round } = record;
  const base = { type: 'vote' as const, network, epoch, round, step: 'precommit' as const };
  return signAs<VoteRecord>({ ...base, cut: cutHash(record), witness: keyOf(witness) });
}

t.test('seats are voted on and signed; a proposal without them is what it always was', async (t) => {
  const none = await proposal(null), some = await proposal([seat(4), seat(5)]);
  const bytes = [none, some].map((one) => encodeRecord(one));
  for (const [i, one] of [none, some].entries()) t.same(decodeRecord(bytes[i]!), one);
  t.equal(bytes[1]!.length - bytes[0]!.length, 1 + 2 * 33);
  t.equal(
    toHex(cutHash(none)),
    '44e10be6f781d49138ef883b68e3f634a0058f23d182a32d08c2fd199339af13',
    'as of networks that are older than seats',
  );
  t.notSame(cutHash(some), cutHash(none));
  t.notSame(cutHash(some), cutHash(await proposal([seat(4), seat(5, 2)])));
  const view = new CutView({ network: NETWORK, witnesses: first, verify });
  await view.take({ ...some, seats: [seat(6)] });
  t.ok(view.tally.isEmpty, 'a statement that its proposer did not sign');
  await view.take(some);
  for (const i of [1, 2]) await view.take(await vote(i, some));
  const { cut } = await view.take(await vote(3, some));
  t.same(cut!.seats, some.seats);
  t.same(cut!.electorate, first, 'of its own epoch');
  t.ok(await verifyCut(cut!, NETWORK, view.electorate.at(0), verify));
  t.notOk(await verifyCut({ ...cut!, seats: null }, NETWORK, view.electorate.at(0), verify));
});

t.test('what one says ahead of its seat waits; what one says after it counts for nothing', async (t) => {
  const view = new CutView({ network: NETWORK, witnesses: [seat(0)], verify });
  const say = async (witness: number, epoch: number, seats: Seat[] | null = null) => {
    const heads = [headOf(epoch, 1)], { previous } = view;
    const base = { network: NETWORK, epoch, round: 0, witness: keyOf(witness) };
    const made = await signAs<ProposalRecord>({
      type: 'proposal',
      ...base,
      previous,
      heads,
      validRound: null,
      seats,
    });
    const taken = [await view.take(made)];
    for (const step of ['prevote', 'precommit'] as const) {
      const vote = { type: 'vote' as const, ...base, step, cut: cutHash(made) };
      taken.push(await view.take(await signAs<VoteRecord>(vote)));
    }
    return taken;
  };
  t.equal((await say(0, 0, [seat(1)]))[2]!.cut?.epoch, 0);
  t.same((await say(1, 2)).map(({ later }) => later), [true, true, true]);
  t.equal((await say(1, 1))[2]!.cut, null, 'not yet');
  t.equal((await say(0, 1))[2]!.cut?.epoch, 1);
  t.equal((await say(0, 2))[2]!.cut, null, 'it has no seat any more');
  t.ok(view.tally.isEmpty);
  t.equal((await say(1, 2))[2]!.cut?.epoch, 2);
});

/** Witnesses 0 to 3 are the first; from some cut on the ledger wants 2 to 5. */
class Changing extends World {
  constructor(bad: number, readonly seats: Seat[], readonly from = 3) {
    super(7, bad, [], [0, 1, 2, 3]);
    this.seatsAfter = (epoch) => epoch >= from ? seats : null;
  }
}

t.test('the electorate changes while one witness lies, and the old ones certify no more', async (t) => {
  for (const bad of [0, 1]) {
    const seats = [seat(2), seat(3, 2), seat(4, 2), seat(6, 2)];
    const world = new Changing(bad, seats);
    world.lengths.fill(1);
    for (let epoch = 0; epoch < 10; epoch++) {
      world.lengths.fill(2 + epoch);
      t.ok(await world.settle(epoch, 60), `epoch ${epoch}`);
    }
    const stated = [...world.cuts.values()].find((cut) => cut.seats !== null)!;
    t.equal(stated.epoch, world.seatsAfter(2) === null ? 3 + SEATS_LAG : 0);
    for (const { epoch, electorate, votes } of world.cuts.values()) {
      const isNew = epoch >= stated.epoch + SEATS_LAG;
      t.same(electorate, isNew ? seats : first);
      const keys = new Set(electorate.map(({ key }) => toHex(key)));
      t.ok(votes.every(({ witness }) => keys.has(toHex(witness))));
    }
    const [one, other] = [
      await cutsOf(world, world.all),
      await cutsOf(world, [...world.all].reverse()),
    ];
    t.same(one.cuts.map(({ hash }) => hash), other.cuts.map(({ hash }) => hash));
    t.same(one.view.electorate.state(), other.view.electorate.state());
    // The very old ones have a third and more of the old weight, and none of the new.
    const { hash, epoch } = one.cuts.at(-1)!;
    const made: ProposalRecord = await signAs({
      type: 'proposal',
      network: NETWORK,
      epoch: epoch + 1,
      round: 0,
      previous: hash,
      heads: [],
      validRound: null,
      seats: null,
      witness: keyOf(0),
    });
    for (const i of [0, 1, 2, 3]) t.equal((await one.view.take(await vote(i, made))).cut, null);
  }
});

t.test('made-up seats are not certified by those who keep the rules', async (t) => {
  const world = new Changing(0, [seat(4)], Infinity);
  world.lengths.fill(1);
  t.ok(await world.settle(3, 60));
  const liar = world.honest.find(({ index, view }) =>
    view.quorum.proposer(4, 0) === toHex(keyOf(index))
  )!;
  const { previous } = liar.view;
  const base = { network: NETWORK, epoch: 4, round: 0, witness: keyOf(liar.index) };
  const made: ProposalRecord = await signAs({
    type: 'proposal',
    ...base,
    previous,
    heads: [],
    validRound: null,
    seats: [seat(liar.index)],
  });
  world.logOf(liar.index, liar.index).push(made);
  t.ok(await world.settle(5, 60));
  const cut: Cut = world.cuts.get(4)!;
  t.equal(cut.seats, null);
  t.ok(cut.votes[0]!.round > 0, 'it was the next proposer’s');
});

t.test('whatever order the logs come in, the cuts and seats are the same', async (t) => {
  const world = new Changing(0, [seat(2), seat(3), seat(4), seat(5)], 1);
  world.lengths.fill(1);
  for (let epoch = 0; epoch < 9; epoch++) {
    world.lengths.fill(2 + epoch);
    if (!await world.settle(epoch, 60)) throw new Error(`no cut of epoch ${epoch}`);
  }
  const { view } = await cutsOf(world, world.all);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(world.all, { minLength: 7, maxLength: 7 }),
      async (order) => {
        const { cuts, view: own } = await cutsOf(world, order);
        for (const cut of cuts) world.certified(cut);
        t.same(own.electorate.state(), view.electorate.state());
        t.equal(cuts.length, 9);
      },
    ),
    { numRuns: 12 },
  );
});
