import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { cutHash, LIMITS, type ProposalRecord, type VoteRecord } from '../../feeds/records/mod.ts';
import {
  chooseHeads,
  type Covered,
  CutView,
  Quorum,
  verifyCut,
  verifyEquivocation,
} from '../../feeds/agreement/mod.ts';
import { headOf, keyOf, NETWORK, signAs, verify, World } from './world.ts';

const ZEROS = new Uint8Array(32);
const witnesses = [0, 1, 2, 3].map((i) => ({ key: keyOf(i), weight: 1 }));
const viewOf = () => new CutView({ network: NETWORK, witnesses, verify });

function proposal(more: Partial<ProposalRecord> = {}): Promise<ProposalRecord> {
  return signAs<ProposalRecord>({
    type: 'proposal',
    network: NETWORK,
    epoch: 0,
    round: 0,
    previous: ZEROS,
    heads: [headOf(0, 1)],
    validRound: null,
    seats: null,
    witness: keyOf(0),
    ...more,
  });
}

function vote(witness: number, cut: Uint8Array | null, more: Partial<VoteRecord> = {}) {
  const base = { type: 'vote' as const, network: NETWORK, epoch: 0, round: 0 };
  return signAs<VoteRecord>({ ...base, step: 'precommit', cut, witness: keyOf(witness), ...more });
}

t.test('a cut needs more than two thirds of the weight, and shows it to anybody', async (t) => {
  const view = viewOf();
  const first = await proposal();
  const hash = cutHash(first);
  t.equal((await view.take(first)).cut, null);
  for (const i of [1, 2, 2]) t.equal((await view.take(await vote(i, hash))).cut, null);
  const { cut } = await view.take(await vote(3, hash));
  t.match(cut, { epoch: 0, hash, previous: ZEROS });
  t.same(cut!.spans, [{ core: headOf(0, 1).core, from: 0, to: 1 }]);
  const quorum = new Quorum(witnesses);
  t.ok(await verifyCut(cut!, NETWORK, quorum, verify));
  t.notOk(await verifyCut({ ...cut!, votes: cut!.votes.slice(1) }, NETWORK, quorum, verify));
  t.notOk(await verifyCut({ ...cut!, heads: [] }, NETWORK, quorum, verify));
  const again = cut!.votes.map(() => cut!.votes[0]!);
  t.notOk(await verifyCut({ ...cut!, votes: again }, NETWORK, quorum, verify), 'one voice, thrice');
});

t.test('weights decide, not heads; one witness alone is a quorum', (t) => {
  const quorum = new Quorum([{ key: keyOf(0), weight: 5 }, { key: keyOf(1), weight: 2 }]);
  t.ok(quorum.isQuorum(quorum.weigh([toHex(keyOf(0))])));
  t.notOk(quorum.hasHonest(quorum.weigh([toHex(keyOf(1))])));
  const exact = new Quorum([0, 1, 2].map((i) => ({ key: keyOf(i), weight: 1 })));
  t.notOk(exact.isQuorum(2), 'two thirds are not more than two thirds');
  t.ok(new Quorum([{ key: keyOf(0), weight: 1 }]).isQuorum(1));
  t.throws(() => new Quorum([]), { code: 'WITNESSES_INVALID' });
  t.end();
});

t.test('what is forged, foreign, of no proposer or unsound is no proposal to vote for', async (t) => {
  const view = viewOf();
  const good = await proposal();
  const unsigned = { ...good, signature: new Uint8Array(64) };
  const stranger = await proposal({ witness: keyOf(9) });
  const other = await proposal({ network: ZEROS });
  const turn = await proposal({ witness: keyOf(1) });
  for (const one of [unsigned, stranger, other, turn]) {
    t.same(await view.take(one), { later: false, cut: null, equivocation: null });
  }
  t.ok(view.tally.isEmpty);
  const unsound = [
    await proposal({ previous: keyOf(7) }),
    await proposal({ heads: [headOf(0, 1), headOf(0, 2)] }),
    await proposal({ validRound: 0 }),
    await proposal({ heads: [headOf(0, LIMITS.cutBlocks), headOf(1, 1)] }),
  ];
  for (const one of unsound) {
    const view = viewOf();
    await view.take(one);
    t.equal(view.tally.proposals(0)[0]?.sound, false);
    for (const i of [0, 1, 2, 3]) t.equal((await view.take(await vote(i, cutHash(one)))).cut, null);
  }
});

t.test('two votes of one witness for one step are a proof that needs nothing else', async (t) => {
  const view = viewOf();
  await view.take(await vote(1, keyOf(5)));
  const { equivocation } = await view.take(await vote(1, null));
  t.equal(equivocation?.kind, 'vote');
  t.ok(await verifyEquivocation(equivocation!, verify));
  const second = await vote(2, null) as never;
  t.notOk(await verifyEquivocation({ ...equivocation!, second }, verify));
  t.equal((await view.take(await vote(1, null))).equivocation, null, 'told once');
  await view.take(await proposal());
  const twice = await view.take(await proposal({ heads: [] }));
  t.ok(await verifyEquivocation(twice.equivocation!, verify));
});

t.test('what runs ahead is put off, so that nothing piles up', async (t) => {
  const view = viewOf();
  t.ok((await view.take(await vote(0, null, { epoch: 1 }))).later);
  t.ok((await view.take(await vote(0, null, { round: 2 }))).later);
  t.notOk((await view.take(await vote(0, null, { round: 1 }))).later);
  await view.take(await vote(1, null, { round: 1 }));
  t.notOk((await view.take(await vote(0, null, { round: 2 }))).later, 'a third is in round 1');
  for (let i = 0; i < 50; i++) await view.take(await vote(2, keyOf(i)));
  t.ok(view.tally.votesOf('precommit', 0, toHex(keyOf(2))).length <= 4);
});

t.test('a view goes on from where another one was', async (t) => {
  const world = new World(4, 0);
  world.lengths.fill(3);
  t.ok(await world.settle(2, 60));
  const { view } = world.honest[0]!;
  const state = view.state();
  const later = new CutView({ network: NETWORK, witnesses, verify, from: state });
  t.equal(later.epoch, view.epoch);
  t.same(later.covered, view.covered);
  t.same(later.state(), state);
  t.same(later.certificates(0), view.certificates(0), 'it repeats what the other would have');
});

t.test('a view goes on in the midst of an epoch: votes count once, liars are known', async (t) => {
  const view = viewOf(), first = await proposal(), hash = cutHash(first);
  await view.take(first);
  await view.take(await vote(1, hash));
  await view.take(await vote(2, hash));
  const state = view.state();
  await view.take(await vote(3, hash));
  t.equal(view.epoch, 1);
  const later = new CutView({ network: NETWORK, witnesses, verify, from: state });
  t.equal(later.epoch, 0, 'the state stays what it was');
  t.equal((await later.take(await vote(2, hash))).cut, null, 'as before: heard already');
  const { equivocation } = await later.take(await vote(1, null));
  t.ok(await verifyEquivocation(equivocation!, verify));
  const { cut } = await later.take(await vote(3, hash));
  t.same(cut, view.current);
});

t.test('of more cores than fit into a cut each comes in turn, old or new', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 30 }), (most, count) => {
      const covered = new Map<string, Covered>();
      let seed: Uint8Array = ZEROS;
      const turns = Math.ceil(count / Math.floor(most / 2)) + 1;
      for (let epoch = 0; epoch < 2 * turns; epoch++) {
        const grown = Array.from({ length: count }, (_, i) => headOf(i, epoch + 1));
        const heads = chooseHeads(grown, covered, seed, most);
        if (heads.length > most) return false;
        for (const { core, length, treeHash } of heads) {
          covered.set(toHex(core), { length, treeHash, epoch });
        }
        seed = keyOf(epoch);
      }
      // Known ones wait for no longer than it takes to go once around.
      return covered.size === count &&
        [...covered.values()].every(({ epoch }) => 2 * turns - epoch <= turns + 1);
    }),
    { numRuns: 25 },
  );
  t.end();
});
